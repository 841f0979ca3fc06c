"""`python -m skyclust.entrypoints.cli`: the same as the `skyclust` command."""

from skyclust.entrypoints.cli import main

main()
