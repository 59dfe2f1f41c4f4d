# lodraw: has the rules of libreoffice.
include lodraw.local
include libreoffice.profile
