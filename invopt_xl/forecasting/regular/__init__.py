"""Regular demand: several models together, as wide as their own back-test says."""
