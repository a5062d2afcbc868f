"""How much of a song's image the summariser catches, against two plain baselines.

    python scripts/evaluate_summaries.py scripts/data/summary_songs.jsonl tests/data/songs.jsonl

ROUGE-L is the F1 of the longest common subsequence of kiwi morphemes with the reference summary (C.-Y. Lin,
"ROUGE: A Package for Automatic Evaluation of Summaries", 2004). "nouns" is the share of the reference's
picturable nouns that the summary names. The baselines are the first line, and the line sung most often (the
first of them).
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from songdalle_core.lyrics import clean_lyrics
from songdalle_core.morphology import analyse
from songdalle_core.summarization import TextRankSummarizer
from songdalle_core.translation import Lexicon


def rouge_l(said: Sequence[str], wanted: Sequence[str]) -> float:
    """F1 of the longest common subsequence, 0..1."""
    row = [0] * (len(wanted) + 1)
    for word in said:
        before = 0
        for i, other in enumerate(wanted, start=1):
            kept = row[i]
            row[i] = before + 1 if word == other else max(row[i], row[i - 1])
            before = kept
    return 2 * row[-1] / (len(said) + len(wanted)) if said and wanted else 0.0


def most_sung(lines: Sequence[str]) -> str:
    """The line sung most often, the first of equals."""
    return Counter(lines).most_common(1)[0][0]


def main() -> None:
    """Print one row a method."""
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n", maxsplit=1)[0])
    parser.add_argument("songs", nargs="+", type=Path, help="JSONL: lyrics, reference_summary")
    parser.add_argument("--show", action="store_true", help="print each summary")
    args = parser.parse_args()
    lexicon = Lexicon.load()
    model = TextRankSummarizer(lexicon.is_picturable)
    methods: dict[str, Callable[[Sequence[str]], str]] = {
        "first line": lambda lines: lines[0],
        "most sung line": most_sung,
        "ours": lambda lines: model.summarize(lines).text,
    }

    def nouns(text: str) -> set[str]:
        return {
            m.lemma
            for m in analyse(text)
            if m.tag in ("NNG", "NNP", "SL") and lexicon.is_picturable(m.lemma)
        }

    songs = [
        json.loads(line)
        for path in args.songs
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
    print(f"{len(songs)} songs\n\n| method | ROUGE-L | nouns |\n|---|---|---|")
    for name, method in methods.items():
        scores: list[float] = []
        recalls: list[float] = []
        for song in songs:
            said = method(clean_lyrics(song["lyrics"]).lines)
            wanted = song["reference_summary"]
            scores.append(
                rouge_l([m.form for m in analyse(said)], [m.form for m in analyse(wanted)])
            )
            named = nouns(wanted)
            recalls.append(len(named & nouns(said)) / len(named) if named else 1.0)
            if args.show and name == "ours":
                print(f"{recalls[-1]:.2f}  {said}  <-  {wanted}", file=sys.stderr)
        print(f"| {name} | {statistics.mean(scores):.3f} | {statistics.mean(recalls):.3f} |")


if __name__ == "__main__":
    main()
