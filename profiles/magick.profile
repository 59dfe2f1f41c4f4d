# magick: has the rules of imagemagick.
include magick.local
include imagemagick.profile
