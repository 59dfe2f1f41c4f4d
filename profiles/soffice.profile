# soffice: has the rules of libreoffice.
include soffice.local
include libreoffice.profile
