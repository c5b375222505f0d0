"""A height laid on a form: mapping, then closed solid meshes."""
