"""Where tables stand on their sheets."""

from __future__ import annotations

HEADER_ROW = 4
FIRST_DATA_ROW = HEADER_ROW + 1
"""Rows as a user counts them: headers stand in row 4, data from row 5."""
