"""mkbench: what an OS structure costs on a machine, and why."""

__version__ = "0.1.0"
