"""Text set by fonts, as exact outlines: placed on a piece, kept clear of ornament, tied with bars where it is pierced."""
