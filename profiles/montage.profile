# montage: has the rules of imagemagick.
include montage.local
include imagemagick.profile
