# mogrify: has the rules of imagemagick.
include mogrify.local
include imagemagick.profile
