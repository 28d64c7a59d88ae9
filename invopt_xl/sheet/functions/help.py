"""What functions are there, why a result is what it is, and what went wrong."""
