"""Probes of this machine: loops of system calls and loads through numba and libc."""
