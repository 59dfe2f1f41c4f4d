# compare: has the rules of imagemagick.
include compare.local
include imagemagick.profile
