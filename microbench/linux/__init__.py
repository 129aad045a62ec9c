"""The Linux personality: processes, scheduler, pipes, sockets, files, written once.

It runs against `Host` and says what it does in paths; it knows no machine and no microkernel.
"""
