"""Lines for wire: the centre lines of a pattern, and scrolls that fill a field by rule."""
