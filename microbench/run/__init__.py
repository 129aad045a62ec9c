"""One run: a workload on a system, priced on a machine, as rows."""
