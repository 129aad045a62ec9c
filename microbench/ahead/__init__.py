"""Engines compiled when the package is built: the same source, translated and checked.

An engine is one module of plain integer code. Cython compiles its text when mkbench is
installed; where that did not happen, or the text has changed since, numba compiles it at the
first run, or Python interprets it. All three give the same integers.
"""
