"""lmbench's output lines and which benchmark with which arguments each one is.

The words are those its programs print. Only what mkbench has a benchmark for is spelled as
mkbench spells it; the rest keeps the name of lmbench's program.
"""

from __future__ import annotations

NAMED = {
    "Simple syscall": ("lat_syscall", "null"),
    "Simple read": ("lat_syscall", "read"),
    "Simple write": ("lat_syscall", "write"),
    "Simple stat": ("lat_syscall", "stat"),
    "Simple fstat": ("lat_syscall", "fstat"),
    "Simple open/close": ("lat_syscall", "open"),
    "Signal handler installation": ("lat_sig", "install"),
    "Signal handler overhead": ("lat_sig", "catch"),
    "Protection fault": ("lat_sig", "prot"),
    "Pipe latency": ("lat_pipe", ""),
    "Fifo latency": ("lat_fifo", ""),
    "AF_UNIX sock stream latency": ("lat_unix", ""),
    "UNIX connection cost": ("lat_unix_connect", ""),
    "Fcntl lock latency": ("lat_fcntl", ""),
    "Semaphore latency": ("lat_sem", ""),
    "Procedure call": ("lat_proc", "procedure"),
    "Process fork+exit": ("lat_proc", "fork"),
    "Process fork+execve": ("lat_proc", "exec"),
    "Process fork+/bin/sh -c": ("lat_proc", "shell"),
    "AF_UNIX sock stream bandwidth": ("bw_unix", ""),
    "Pipe bandwidth": ("bw_pipe", ""),
}
"""What stands before the colon."""

PATTERNS = (
    (r"Select on (?P<n>\d+) tcp fd's", "lat_select", "-n {n} tcp"),
    (r"Select on (?P<n>\d+) fd's", "lat_select", "-n {n} file"),
    (r"Pagefaults on .+", "lat_pagefault", ""),
    (r"File .+ write bandwidth", "bw_file_wr", ""),
    (r"(?P<p>UDP|TCP) latency using \S+", "lat_{p}", ""),
    (r"RPC/(?P<p>udp|tcp) latency using \S+", "lat_rpc", "-p {p}"),
    (r"TCP/IP connection cost to \S+", "lat_connect", ""),
    (r"usleep (?P<n>\d+) microseconds", "lat_usleep", "{n}"),
    (r"(?P<t>integer|int64|uint64|float|double) (?P<op>[a-z]+)", "lat_ops", "{t} {op}"),
    (r"STREAM2? (?P<op>[a-z]+) (?:latency|bandwidth)", "stream", "{op}"),
)
"""Regular expression of what stands before the colon, benchmark, arguments."""

HEADINGS = {
    "read bandwidth": ("bw_file_rd", "{size} io_only", "MB/s"),
    "read open2close bandwidth": ("bw_file_rd", "{size} open2close", "MB/s"),
    "Mmap read bandwidth": ("bw_mmap_rd", "{size} mmap_only", "MB/s"),
    "Mmap read open2close bandwidth": ("bw_mmap_rd", "{size} open2close", "MB/s"),
    "libc bcopy unaligned": ("bw_mem", "{size} bcopy", "MB/s"),
    "libc bcopy aligned": ("bw_mem", "{size} bcopy conflict", "MB/s"),
    "Memory bzero bandwidth": ("bw_mem", "{size} bzero", "MB/s"),
    "unrolled bcopy unaligned": ("bw_mem", "{size} fcp", "MB/s"),
    "unrolled partial bcopy unaligned": ("bw_mem", "{size} cp", "MB/s"),
    "Memory read bandwidth": ("bw_mem", "{size} frd", "MB/s"),
    "Memory partial read bandwidth": ("bw_mem", "{size} rd", "MB/s"),
    "Memory write bandwidth": ("bw_mem", "{size} fwr", "MB/s"),
    "Memory partial write bandwidth": ("bw_mem", "{size} wr", "MB/s"),
    "Memory partial read/write bandwidth": ("bw_mem", "{size} rdwr", "MB/s"),
    "mappings": ("lat_mmap", "{size}", "us"),
    "Socket bandwidth using localhost": ("bw_tcp", "{size}", "MB/s"),
    "Memory load parallelism": ("par_mem", "{size}", "ratio"),
}
"""Heading of a series to benchmark, arguments by size, unit."""

FACTS = ("mhz", "lmbench_ver", "all", "mb", "os", "clock speed", "enough")
"""What lmbench writes in square brackets and a reader may want; the host's name is not kept."""
