"""Make all embedded weights from nothing, step after step; Ctrl-C and start again to go on.

    python scripts/training/train_embedded.py                    # hours: see --dry-run
    python scripts/training/train_embedded.py --smoke            # the same with next to nothing, minutes
    python scripts/training/train_embedded.py --only clip
    python scripts/training/train_embedded.py --judge            # the judge as well, which is no part of them

Finished steps are skipped, by their outputs and the options they were made with; other options make a step and
those that read from it anew, and what was there is kept under another name. The weights land in
`<run>/weights`, in the layout of `songdalle_core/weights`; the judge stays in `<run>/judge`.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from scripts.common import command_line
from scripts.common.command_line import count
from scripts.training.embedded.recipe import Places, Settings, Step, fingerprints, recipe
from scripts.training.embedded.runner import StepFailedError, duration, minutes_left, run
from scripts.training.embedded.state import Record, State, Status, locked, set_aside
from scripts.training.scenes import art

NAMES = (
    "art", "rqvae", "rqtransformer", "tokenizer", "generator", "clip", "judge", "sentiment",
)  # fmt: skip


class Rebuild:
    """Takes the steps in order.

    Args:
        steps: all of them.
        places: where they write.
        judge: whether the steps that are no part of the weights are made as well.
    """

    def __init__(self, steps: list[Step], places: Places, judge: bool = False) -> None:
        self._steps, self._folder, self._judge = steps, places.run, judge
        self._state, self._digests = State(places.run), fingerprints(steps, places)

    def status(self, step: Step) -> Status:
        """What is to be done about a step; one whose forerunner is made anew is made anew too."""
        return self._state.status(step, self._digests[step.name])

    def take(self, only: str | None, lock: int) -> None:
        """Run what has to be run.

        Args:
            only: the one step wanted; None for all.
            lock: descriptor that the commands inherit.

        Raises:
            StepFailedError: a step failed.
            ValueError: the only step wanted reads from one that is not done.
        """
        wanted = self._wanted(only)
        if only is not None:
            self._check_forerunners(wanted[0])
        for number, step in enumerate(wanted, start=1):
            head = f"[{number}/{len(wanted)} {step.name}]"
            status = self.status(step)
            if status is Status.DONE:
                print(f"{head} done", flush=True)
                continue
            rest = sum(s.seconds for s in wanted[number:] if self.status(s) is not Status.DONE)
            print(f"{head} {status.value}: {' '.join(step.command('python'))}", flush=True)
            self._run(step, status, head, rest, lock)

    def plan(self, only: str | None) -> None:
        """Print every step, what is to be done about it, and how long it should take."""
        total = 0.0
        for step in self._wanted(only):
            status = self.status(step)
            seconds = 0.0 if status is Status.DONE else step.seconds
            total += seconds
            print(f"{step.name}: {status.value}, about {duration(seconds)}")
            print(f"    {' '.join(step.command('python'))}")
        print(f"all: about {duration(total)} on two cores")

    def _wanted(self, only: str | None) -> list[Step]:
        if only is not None:
            return [step for step in self._steps if step.name == only]
        return [step for step in self._steps if self._judge or not step.apart]

    def _check_forerunners(self, step: Step) -> None:
        before = [other for other in self._steps if other.name in step.after]
        missing = [other.name for other in before if self.status(other) is not Status.DONE]
        if missing:
            raise ValueError(f"{step.name} needs {' and '.join(missing)} first: run without --only")

    def _run(self, step: Step, status: Status, head: str, rest: float, lock: int) -> None:
        if status is Status.OTHER and step.folder is not None and step.folder.is_dir():
            print(f"{head} {step.folder} -> {set_aside(step.folder)}", flush=True)
        before = self._state[step.name]
        spent = before.seconds if before is not None and status is Status.RESUME else 0.0
        command, digest = step.command(sys.executable), self._digests[step.name]
        text = " ".join(step.command("python"))
        started = time.monotonic()

        def record(finished: bool) -> None:
            seconds = round(spent + time.monotonic() - started, 1)
            self._state[step.name] = Record(digest, finished, seconds, text)

        def show(line: str) -> None:
            minutes = minutes_left(line)
            total = "" if minutes is None else f"; all {duration(60 * minutes + rest)}"
            print(f"{head} {line}{total}", flush=True)

        record(finished=False)
        try:
            run(command, self._folder / "logs" / f"{step.name}.log", show, keep=[lock])
        except BaseException:
            record(finished=False)
            raise
        missing = [str(path) for path in step.outputs if not path.is_file()]
        if missing:
            raise StepFailedError(f"it ended without writing {', '.join(missing)}")
        record(finished=True)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    defaults = Settings()
    made = command_line.parser(__doc__)
    art.add_folder(made)
    made.add_argument(
        "--run",
        type=Path,
        metavar="DIR",
        help="checkpoints (default: runs/embedded, or runs/embedded-smoke with --smoke)",
    )
    made.add_argument(
        "--weights", type=Path, metavar="DIR", help="finished weights (default: <run>/weights)"
    )
    for name in ("rqvae", "transformer", "clip", "judge"):
        steps = getattr(defaults, f"{name}_steps")
        made.add_argument(f"--{name}-steps", type=count, default=steps, help="training steps")
    made.add_argument(
        "--device", default=defaults.device, help="of rqvae and rqtransformer: cpu or cuda"
    )
    made.add_argument("--only", choices=NAMES, help="this step alone")
    made.add_argument("--judge", action="store_true", help="make the judge as well")
    made.add_argument("--smoke", action="store_true", help="next to nothing, to see that all works")
    made.add_argument("--dry-run", action="store_true", help="say what would be done")
    return made


def _interrupted(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main(arguments: list[str] | None = None) -> int:
    args = parser().parse_args(arguments)
    counts = (args.rqvae_steps, args.transformer_steps, args.clip_steps, args.judge_steps)
    folder = args.run or Path("runs/embedded-smoke" if args.smoke else "runs/embedded")
    weights = args.weights or folder / "weights"
    places = Places(args.art.resolve(), folder.resolve(), weights.resolve())
    steps = recipe(places, Settings(*counts, args.device), args.smoke)
    try:
        if args.dry_run:
            Rebuild(steps, places, args.judge).plan(args.only)
            return 0
        places.weights.mkdir(parents=True, exist_ok=True)
        with locked(places.run) as lock:
            Rebuild(steps, places, args.judge).take(args.only, lock)
    except KeyboardInterrupt:
        print("train_embedded: interrupted; the same command goes on from here", file=sys.stderr)
        return 130
    except (StepFailedError, ValueError) as error:
        print(f"train_embedded: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _interrupted)
    sys.exit(main())
