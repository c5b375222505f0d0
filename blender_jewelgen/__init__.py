"""JewelGen: words become a pattern, a pattern becomes a height, a height is laid on a form, the form becomes metal."""

__version__ = "0.1.0"
