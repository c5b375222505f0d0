"""To be written by its owner (see the contract); this stands in so that the command line loads meanwhile."""

import argparse


def add_options(to: argparse.ArgumentParser) -> None:
    """Nothing yet."""


def tasks(options: argparse.Namespace) -> int:
    """Nothing yet."""
    raise NotImplementedError
