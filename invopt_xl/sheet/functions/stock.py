"""How much to hold: safety stock, reorder points and policies, and the service they give."""
