"""Models that see depth and slopes in photographs. ``see`` is their face."""
