"""``python -m invopt_xl`` is ``invopt``."""

from invopt_xl.hosts.cli import main

if __name__ == "__main__":
    main()
