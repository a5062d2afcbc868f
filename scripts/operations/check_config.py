"""Check a Serve config against the version that is installed here, without starting anything.

    python scripts/operations/check_config.py serve_config.yaml
    python scripts/operations/check_config.py deploy/*serve*.yaml

It reads the options of every stage and every `user_config` as the service does, asks Ray's schema, and names
the keys that Ray would drop without a word. Each fault is a line: where, what, and what may have been meant.
What hangs on a model's weights is known when it is loaded. Exit codes: 0 no fault, 1 faults, 2 a file cannot
be read.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def faults_of(config: Path) -> list[str]:
    """Everything that is wrong with a config.

    Raises:
        scripts.operations.serving.plan.LaunchError: it cannot be read.
    """
    from scripts.operations.checking.application import application_faults
    from scripts.operations.checking.ray_schema import duplicate_keys, schema_faults
    from scripts.operations.serving.plan import read_plan

    document = read_plan(config).document
    faults = [*duplicate_keys(config.read_text(encoding="utf-8")), *schema_faults(document)]
    for number, entry in enumerate(document["applications"]):
        if isinstance(entry, dict):  # else Ray's schema has said it
            faults += [f"applications[{number}]: {fault}" for fault in application_faults(entry)]
    return faults


def main(argv: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("configs", type=Path, nargs="+", metavar="YAML")
    configs: list[Path] = parser.parse_args(argv).configs
    from scripts.operations.serving.plan import LaunchError

    code = 0
    for config in configs:
        try:
            faults = faults_of(config)
        except LaunchError as error:
            print(f"check_config: {error}", file=sys.stderr)
            code = 2
            continue
        for fault in faults:
            print(f"{config}: {fault}")
        if faults:
            code = max(code, 1)
        else:
            print(f"{config}: no faults")
    return code


if __name__ == "__main__":
    sys.path[0] = str(ROOT)  # the application of this checkout, whatever is installed
    sys.exit(main())
