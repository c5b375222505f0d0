"""A process of its own for the heavy work: one JSON object a line, arrays as files. Importing this package loads nothing."""
