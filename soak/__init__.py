"""What is too long for `make test`: simulated histories, killed processes, every call gone wrong. `python -m soak`."""
