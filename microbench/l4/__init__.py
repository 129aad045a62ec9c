"""A functional L4 microkernel: one file per mechanism, no cycles, no machine.

`Kernel` in `kernel.py` is the way in, `State` in `model.py` is everything there is,
`events.py` says what happened to whoever prices it.
"""
