"""What runs inside the office, in whatever Python it brings: 3.8 or newer, and its standard library alone."""
