# loffice: has the rules of libreoffice.
include loffice.local
include libreoffice.profile
