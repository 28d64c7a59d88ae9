"""Make the templates' example again: ``python -m invopt_xl.demo.example``, then ``invopt new --all templates``."""

from __future__ import annotations

import sys

from invopt_xl.demo.weeks import example_tables
from invopt_xl.templates.example import write_example


def main() -> None:
    """Write the example's tables over those that ship."""
    written = write_example(example_tables())
    sys.stdout.write(f"Written: {len(written)} tables in {written[0].parent}\n")


if __name__ == "__main__":
    main()
