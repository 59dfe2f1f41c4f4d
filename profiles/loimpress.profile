# loimpress: has the rules of libreoffice.
include loimpress.local
include libreoffice.profile
