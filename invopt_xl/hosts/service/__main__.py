"""Start the function service: ``python -m invopt_xl.hosts.service``; a second one ends at once."""

from __future__ import annotations

import argparse
import sys

from invopt_xl.hosts.service.limits import Limits
from invopt_xl.hosts.service.server import serve
from invopt_xl.hosts.service.settings import default_settings


def main() -> None:
    """Serve until the service is stopped or has idled for long enough."""
    usual = Limits()
    parser = argparse.ArgumentParser("invopt_xl.hosts.service", description=__doc__)
    parser.add_argument("--idle", type=float, default=usual.idle, help="seconds without a call after which it ends")
    parser.add_argument("--heavy", type=float, default=usual.heavy, help="seconds that a heavy call may take")
    parser.add_argument("--cached", type=float, default=usual.cached, help="seconds that a quicker call may take")
    parser.add_argument("--workers", type=int, default=usual.workers, help="processes for heavy calls")
    parser.add_argument("--cold", action="store_true", help="start processes when they are first needed")
    limits = Limits(**vars(parser.parse_args()))
    try:
        serve(default_settings(), limits)
    except OSError as error:
        # Whoever started it shows this line.
        sys.exit(error.strerror or str(error))


if __name__ == "__main__":
    main()
