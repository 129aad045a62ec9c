"""What software emits: operations on named memory, with a cause, without a machine.

A trace knows pages, paths and places. It refuses to know what anything costs.
"""

from microbench.trace.layout import Layout, Region
from microbench.trace.recorder import Recorder, Trace
from microbench.trace.template import Template

__all__ = ["Layout", "Recorder", "Region", "Template", "Trace"]
