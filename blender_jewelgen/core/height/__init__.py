"""Height pictures as arrays: reading, distance, filters. float32 in [0, 1], row 0 is the upper edge."""
