"""Do the covers show what they are told? An independent judge looks at 200 prompts, 12 covers each.

    python scripts/evaluation/evaluate_covers.py --json runs/covers.json --sheet runs/covers.png
    python scripts/evaluation/evaluate_covers.py --limit 20 --wording-candidates 0

Half the prompts are plain English, half are lyrics that go through the embedded text stages; all ask for a
style and a mood, as the service does by default. Seeds are fixed. The reranker puts each set in order; the
judge (`train_judge.py`) took no part in training or ranking. Intervals are of 95%, by bootstrap over
prompts. A second table draws the lyrics in other wordings: style prefix, mood prefix, length, word removal.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch

from scripts.common import command_line, reports
from scripts.evaluation.covers import report
from scripts.evaluation.covers.drawing import CoverSet, Painter
from scripts.evaluation.covers.figures import Outcome, judged
from scripts.evaluation.covers.prompts import FILE, CoverPrompt, read_prompts, spread
from scripts.evaluation.covers.sheet import PROMPTS, SHOWN, contact_sheet
from scripts.evaluation.covers.wordings import WordingFigures, compare_wordings
from scripts.evaluation.covers.writing import WORDINGS, Writer
from scripts.evaluation.texts.gold import FOLDER
from scripts.training.common import Progress
from scripts.training.judge.judge import Judge
from songdalle_core.artifacts import WeightsError
from songdalle_core.imagegen.model.generator import load_generator
from songdalle_core.reranking import ClipReranker

JUDGE = FOLDER / "judge"
SEED_STEP = 1000  # between the seeds of neighbouring prompts


class Evaluation:
    """Everything that draws and judges, and the options."""

    def __init__(self, args: argparse.Namespace, judge: Judge, painter: Painter) -> None:
        self._args, self._judge, self._painter = args, judge, painter
        self._writer = Writer()

    def seed_of(self, prompt: CoverPrompt) -> int:
        """Fixed for a prompt, whatever part of the prompts is drawn."""
        return int(self._args.seed + SEED_STEP * prompt.number)

    def outcomes(
        self, prompts: list[CoverPrompt], shown: set[int]
    ) -> tuple[list[Outcome], list[CoverSet]]:
        """What the judge says of every prompt, and the covers of those to be shown."""
        judgements, sets = [], []
        progress = Progress(len(prompts), self._args.candidates)
        for place, prompt in enumerate(prompts):
            written = self._writer.write(prompt)
            covers = self._painter.paint(written, self._args.candidates, self.seed_of(prompt))
            outcome = judged(self._judge, prompt, covers)
            judgements.append(outcome)
            if prompt.number in shown:
                sets.append(covers.best(SHOWN))
            progress.update(place, right=float(outcome.right[0]), near=float(outcome.near[0]))
        return judgements, sets

    def wordings(self, prompts: list[CoverPrompt]) -> list[WordingFigures]:
        """The CLIP score table of the lyrics among the prompts; empty if it was not asked for."""
        lyrics = [prompt for prompt in prompts if prompt.half == "lyric"]
        candidates = self._args.wording_candidates
        if not lyrics or not candidates:
            return []
        progress = Progress(len(lyrics) * len(WORDINGS), candidates)
        places = iter(range(len(lyrics) * len(WORDINGS)))
        return compare_wordings(
            lyrics,
            self._writer,
            self._painter,
            self._judge,
            candidates,
            self.seed_of,
            lambda: progress.update(next(places)),
        )


def tables(outcomes: list[Outcome], wordings: list[WordingFigures]) -> str:
    """All tables as markdown."""
    parts = [
        report.main_table(outcomes),
        "By half of the prompts and language:\n\n" + report.group_table(outcomes),
        report.mood_table(outcomes),
        "Subjects recognised worst, over all covers:\n\n" + report.subject_table(outcomes),
    ]
    if wordings:
        parts.append("Wordings of the lyrics:\n\n" + report.wording_table(wordings))
    return "\n\n".join(parts)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command_line.parser(__doc__, "seed", "threads", "json")
    made.add_argument(
        "--judge", type=Path, default=JUDGE, metavar="DIR", help="folder of train_judge.py"
    )
    made.add_argument("--generator", default="embedded", help="generator folder")
    made.add_argument("--reranker", default="embedded", help="open_clip model")
    command_line.add_data(made, FILE, "prompts")
    made.add_argument(
        "--limit", type=command_line.count, help="only so many prompts, at even distances"
    )
    made.add_argument("--candidates", type=command_line.count, default=12, help="covers a prompt")
    made.add_argument(
        "--wording-candidates",
        type=command_line.amount,
        default=4,
        help="covers a lyric and wording in the second table; 0 leaves it out",
    )
    made.add_argument(
        "--sheet", type=Path, metavar="FILE", help=f"PNG of {PROMPTS} prompts, {SHOWN} covers each"
    )
    return made


def main(arguments: list[str] | None = None) -> int:
    options = parser()
    args = options.parse_args(arguments)
    if args.wording_candidates > args.candidates:
        options.error("--wording-candidates is at most --candidates")
    torch.set_num_threads(args.threads)
    prompts = command_line.read(options, read_prompts, args.data)
    prompts = spread(prompts, args.limit or len(prompts))
    try:
        judge = Judge.load(args.judge)
        for prompt in prompts:
            for subject in prompt.subjects:
                judge.labels.number("subject", subject)
        generator = load_generator(args.generator)
        reranker = ClipReranker.load(args.reranker, None, "cpu")
    except (OSError, ValueError, WeightsError) as error:
        options.error(str(error))
    shown = {prompt.number for prompt in spread(prompts, PROMPTS)} if args.sheet else set()
    with Painter(generator, reranker, args.candidates, args.threads) as painter:
        evaluation = Evaluation(args, judge, painter)
        outcomes, sets = evaluation.outcomes(prompts, shown)
        wordings = evaluation.wordings(prompts)
    print("\n" + tables(outcomes, wordings))
    reports.write_json(args.json, report.as_json(outcomes, wordings))
    if args.sheet:
        args.sheet.parent.mkdir(parents=True, exist_ok=True)
        contact_sheet(sets).save(args.sheet)
    return 0


if __name__ == "__main__":
    sys.exit(main())
