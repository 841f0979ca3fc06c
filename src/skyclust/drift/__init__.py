"""What is not as wanted, and what nobody owns: see it, accept it, repair it, sweep it."""
