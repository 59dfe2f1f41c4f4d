# localc: has the rules of libreoffice.
include localc.local
include libreoffice.profile
