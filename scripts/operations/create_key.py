"""Make an access key: the key for its user, and the line for `access.keys` of the Ingress's `user_config`.

python scripts/operations/create_key.py NAME
"""

from __future__ import annotations

import argparse
import hashlib
import secrets

BYTES = 32


def create(name: str) -> tuple[str, str]:
    """A new key, and what the configuration is to know of it."""
    key = secrets.token_urlsafe(BYTES)
    digest = hashlib.sha256(key.encode()).hexdigest()
    return key, f"{{name: {name}, sha256: {digest}}}"


def main(argv: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("name", help="whose the covers made with it are")
    key, line = create(parser.parse_args(argv).name)
    print(f"key, shown this once: {key}")
    print(f"configuration:        {line}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
