# display: has the rules of imagemagick.
include display.local
include imagemagick.profile
