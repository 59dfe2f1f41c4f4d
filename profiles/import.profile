# import: has the rules of imagemagick.
include import.local
include imagemagick.profile
