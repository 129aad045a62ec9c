"""Raw IPC systems, with no Linux on them."""
