# convert: has the rules of imagemagick.
include convert.local
include imagemagick.profile
