"""File systems and drivers outside the kernel: who serves, and what happens when one dies."""
