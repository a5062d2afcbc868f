from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from scripts.evaluation.covers.prompts import HEADER, read_prompts, spread
from scripts.training.scenes.art import load_concepts
from songdalle_core.moods import MOODS


def test_the_projects_prompts_are_as_they_should_be() -> None:
    prompts = read_prompts()
    known = {concept.name for concept in load_concepts()}
    assert Counter(prompt.half for prompt in prompts) == {"plain": 100, "lyric": 100}
    assert {subject for prompt in prompts for subject in prompt.subjects} <= known
    assert len({prompt.subjects[0] for prompt in prompts}) >= 150
    assert all(30 <= count <= 50 for count in Counter(p.mood for p in prompts).values())
    assert {prompt.mood for prompt in prompts} == set(MOODS)
    assert len({prompt.text for prompt in prompts}) == 200
    assert sum(prompt.korean for prompt in prompts) > 70
    assert not any(prompt.korean for prompt in prompts if prompt.half == "plain")


def test_lines_and_alternatives_are_parted(tmp_path: Path) -> None:
    path = tmp_path / "p.tsv"
    path.write_text(
        f"{HEADER}\nlyric\t하나 / 둘\tcat;dog\tsea;shore\tPower\nplain\ta\tb\t-\tJoyful\n"
    )
    first, second = read_prompts(path)
    assert first.text == "하나\n둘"
    assert first.subjects == ("cat", "dog")
    assert first.settings == ("sea", "shore")
    assert (second.number, second.settings) == (1, ())


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("plain\ta\tb\t-", "line 2: give half"),
        ("other\ta\tb\t-\tPower", "half is 'other'"),
        ("plain\ta\tb\tmoon base\tPower", "'moon base'"),
        ("plain\ta\tb\t-\tAnger", "mood is 'Anger'"),
    ],
)
def test_a_malformed_row_is_named(tmp_path: Path, row: str, message: str) -> None:
    path = tmp_path / "p.tsv"
    path.write_text(f"{HEADER}\n{row}\n")
    with pytest.raises(ValueError, match=message):
        read_prompts(path)


def test_a_limit_takes_of_both_halves() -> None:
    prompts = read_prompts()
    few = spread(prompts, 10)
    assert Counter(prompt.half for prompt in few) == {"plain": 5, "lyric": 5}
    assert spread(prompts, 1000) == prompts
