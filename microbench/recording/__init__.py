"""From a recorded kernel to path templates: cut, classify by owner, relocate.

Runs when the data is made (`python -m microbench.recording`), never when a benchmark runs.
"""
