"""What may be done with clusters."""
