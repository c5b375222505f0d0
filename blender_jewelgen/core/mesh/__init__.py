"""Triangle meshes as plain arrays: files, search tree, checks, mending, weight."""
