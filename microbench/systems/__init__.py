"""The systems: Linux on the bare machine, with domain tags, and as a server on L4."""
