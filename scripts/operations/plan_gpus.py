"""Plan the GPUs of a Serve config: what each process takes of their memory, and whether it fits.

    python scripts/operations/plan_gpus.py deploy/serve_config.gpu.yaml --gpu-memory 24
    python scripts/operations/plan_gpus.py deploy/serve_config.2gpu.yaml --gpu-memory 24 --gpus 2

Weights, caches and working memory are counted from the models' shapes, without loading them. CUDA's
context and the allocator's losses cannot be counted and are assumed: docs/gpu.md says how to measure them for
--context and --slack. GB are 10^9 bytes. Exit codes: 0 it fits, 1 it does not, 2 it cannot be planned.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from scripts.operations.gpus.configuration import read
from scripts.operations.gpus.errors import PlanError
from scripts.operations.gpus.report import GB, Machine, Plan, lines


def parse(arguments: list[str] | None) -> tuple[Path, Machine]:
    """The command line: a config, and a machine."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("config", type=Path, help="Ray Serve config file")
    add("--gpu-memory", type=_positive, required=True, metavar="GB", help="memory of one GPU")
    add("--gpus", type=int, default=1, help="GPUs of the machine (default: %(default)s)")
    per_process = "CUDA context and libraries of a process (default: %(default)s)"
    add("--context", type=_positive, default=0.5, metavar="GB", help=per_process)
    lost = "share lost by PyTorch's allocator (default: %(default)s)"
    add("--slack", type=_share, default=0.1, help=lost)
    options = parser.parse_args(arguments)
    if options.gpus < 1:
        parser.error(f"--gpus must be at least 1, not {options.gpus}")
    machine = Machine(options.gpus, options.gpu_memory * GB, options.context * GB, options.slack)
    return options.config, machine


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a number of GB above 0, not {text}")
    return value


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"must be from 0 to 1, not {text}")
    return value


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    config, machine = parse(arguments)
    try:
        plan = Plan(machine, read(config))
    except PlanError as error:
        print(f"plan_gpus: {error}", file=sys.stderr)
        return 2
    if not plan.placements:
        print(f"{config} asks for no GPU: fits")
        return 0
    gpus = "1 GPU" if machine.gpus == 1 else f"{machine.gpus} GPUs"
    print(f"{config} on {gpus} of {machine.memory / GB:g} GB\n")
    for line in lines(plan):
        print(line)
    return 1 if plan.problems() else 0


if __name__ == "__main__":
    logging.disable(logging.WARNING)  # libraries say that weights were not loaded, as is meant
    sys.exit(main())
