"""The command line: ``invopt``."""

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line; see `invopt_xl.hosts.cli.app.main`."""
    try:
        from invopt_xl.hosts.cli.app import main as run
    except KeyboardInterrupt:
        # Ctrl-C while the program is still being loaded: there is nothing yet that could say it otherwise.
        sys.stderr.write("invopt: stopped; nothing was changed\n")
        sys.exit(2)
    run()
