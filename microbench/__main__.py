"""`python -m microbench` is `mkbench`."""

from microbench.cli import main

main()
