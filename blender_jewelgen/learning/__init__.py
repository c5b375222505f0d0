"""What can be trained: torch is imported here only, and only by processes of their own."""
