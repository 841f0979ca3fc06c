"""Every call of every blueprint gone wrong, one at a time. Run by `soak/nth.py` and, as a sample, by the tests."""
