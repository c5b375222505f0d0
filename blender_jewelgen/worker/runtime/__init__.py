"""The AI runtime: an environment with torch in a short folder of the user, installed, judged, mended and removed. ``care`` is its face."""
