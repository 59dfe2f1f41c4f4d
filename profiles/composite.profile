# composite: has the rules of imagemagick.
include composite.local
include imagemagick.profile
