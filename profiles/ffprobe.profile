# ffprobe: has the rules of ffmpeg.
include ffprobe.local
include ffmpeg.profile
