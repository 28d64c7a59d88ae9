"""The part of the add-in that does not know the office: cells as it hands them over, and what becomes of a call."""
