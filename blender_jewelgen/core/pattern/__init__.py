"""A Design to a height picture: families, motifs, borders, grounds, composition."""
