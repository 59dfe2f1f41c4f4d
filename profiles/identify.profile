# identify: has the rules of imagemagick.
include identify.local
include imagemagick.profile
