"""Engines that make a body of a picture: our own forms fitted to it, local models, servers and services."""
