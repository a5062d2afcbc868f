"""`python -m songdalle_client`: the `songdalle` command where it is not installed."""

import sys

from songdalle_client.cli import main

if __name__ == "__main__":
    sys.exit(main())
