"""Tests make their traces anew: what an earlier run kept must not hide a change."""

from __future__ import annotations

import os

os.environ["MKBENCH_CACHE"] = "off"
