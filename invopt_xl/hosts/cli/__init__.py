"""The command line: ``invopt``."""

from invopt_xl.hosts.cli.app import main

__all__ = ["main"]
