"""Write the Serve configs of deploy/ into the Kubernetes overlays, as their serveConfigV2.

    python scripts/operations/write_manifests.py
    python scripts/operations/write_manifests.py --check

The configs are those that `serve run` takes; overlays are not edited by hand. Exit codes: 0 written, or as it
should be; 1 with --check: an overlay has something else than its config.
"""

from __future__ import annotations

import sys

from scripts.common import command_line
from scripts.operations.manifests.overlays import FOLDER, PATCH, SOURCES, patch_of


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    made = command_line.parser(__doc__)
    made.add_argument("--check", action="store_true", help="write nothing, say what would change")
    options = made.parse_args(arguments)
    stale = 0
    for overlay, source in SOURCES.items():
        patch, wanted = FOLDER / "overlays" / overlay / PATCH, patch_of(source)
        if patch.is_file() and patch.read_text(encoding="utf-8") == wanted:
            continue
        stale += 1
        print(f"{patch.relative_to(command_line.ROOT)} differs from deploy/{source.name}")
        if not options.check:
            patch.write_text(wanted, encoding="utf-8")
    return 1 if stale and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
