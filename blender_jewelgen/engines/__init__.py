"""What can draw a pattern. The registry imports none of the engines; each module is imported when it is asked."""
