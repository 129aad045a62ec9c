"""A tree of a kernel's sources on NTFS-3G of 2007 and in a kernel file system of its time."""
