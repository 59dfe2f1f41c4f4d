# The name by which Debian's electron-hardened.inc.profile includes the file that is called
# chromium-common-hardened.inc.profile today.
include chromium-common-hardened.inc.profile
