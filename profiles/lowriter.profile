# lowriter: has the rules of libreoffice.
include lowriter.local
include libreoffice.profile
