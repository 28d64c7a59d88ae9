"""Walk-forward back-tests: errors, coverage and money, and the methods chosen by them."""
