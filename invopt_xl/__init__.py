"""invopt_xl."""
