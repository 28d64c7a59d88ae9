"""Rare, short and absent demand as sample paths."""
