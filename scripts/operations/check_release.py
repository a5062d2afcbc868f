"""Check release files against what stores ask of a cover.

    python scripts/operations/check_release.py front.jpg back.jpg

Prints a line for each rule that is broken, all of them with --all; exits with 1 if there is any.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from songdalle_core.release.options import LARGEST_SIDE, SMALLEST_SIDE
from songdalle_core.release.rules import check_release


def main(arguments: list[str] | None = None) -> int:
    """Check the files; 0 if they keep every rule, 1 if not, 2 if one cannot be read."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument(
        "--size",
        type=int,
        default=LARGEST_SIDE,
        help=f"pixels a side that are wanted, {SMALLEST_SIDE} to {LARGEST_SIDE} (default {LARGEST_SIDE})",
    )
    parser.add_argument("--all", action="store_true", help="print the rules that are kept as well")
    options = parser.parse_args(arguments)
    status = 0
    for file in options.files:
        try:
            findings = check_release(file.read_bytes(), options.size)
        except (OSError, ValueError) as error:
            print(f"{file}: {error}", file=sys.stderr)
            status = 2
            continue
        broken = [finding for finding in findings if not finding.kept]
        for finding in findings if options.all else broken:
            print(
                f"{file}: {'kept' if finding.kept else 'BROKEN'}: {finding.rule}: {finding.found}"
            )
        print(f"{file}: {'fit for release' if not broken else f'{len(broken)} rules broken'}")
        status = max(status, 1 if broken else 0)
    return status


if __name__ == "__main__":
    sys.exit(main())
