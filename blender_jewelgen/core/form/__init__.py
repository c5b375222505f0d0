"""The forms of jewelry as host surfaces in millimetres."""
