# animate: has the rules of imagemagick.
include animate.local
include imagemagick.profile
