"""Which items matter, which stray, which lie too long: classes, cover, turns and excess."""
