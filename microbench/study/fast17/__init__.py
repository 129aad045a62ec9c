"""FUSE beside the kernel's own file system on the machine of FAST 2017."""
