from __future__ import annotations

import numpy as np
import pytest

from scripts.evaluation.covers.figures import (
    Outcome,
    by_mood,
    by_subject,
    figure,
    groups,
    summarise,
)
from scripts.evaluation.covers.prompts import CoverPrompt
from scripts.evaluation.covers.report import as_json, group_table, main_table, subject_table


def outcome(
    right: str, near: str, subject: str = "cat", half: str = "plain", setting: str | None = None
) -> Outcome:
    def bools(text: str) -> np.ndarray:
        return np.array([letter == "x" for letter in text])

    places = ("sea",) if setting else ()
    prompt = CoverPrompt(0, half, "text", (subject,), places, "Power")
    named = tuple("cat" if letter == "x" else "dog" for letter in right)
    in_place = bools(setting) if setting else None
    seen = (bools(right), bools(near), in_place, bools(near), named)
    return Outcome(prompt, "a text", *seen, spread=0.5, copies=1)


OUTCOMES = [
    outcome("xx..", "xxx.", setting="x..."),
    outcome("....", "x...", setting="...."),
    outcome("x...", "xxxx", "owl", "lyric"),
    outcome("x...", "xxxx", "owl", "lyric"),
]


def test_shares_are_means_over_prompts() -> None:
    by_name = {f.name: f for f in summarise(OUTCOMES)}
    assert by_name["subject, first choice, first-ranked"].value == 0.75
    assert by_name["subject in top 5, first-ranked"].value == 1.0
    assert by_name["subject in top 5, first-ranked"].met
    assert by_name["subject in top 5, all covers"].value == pytest.approx(0.75)
    assert by_name["subject, first choice, all covers"].value == pytest.approx(0.25)
    assert by_name["gain of ranking, top 5"].value == pytest.approx(0.25)
    assert by_name["setting, first-ranked"].prompts == 2
    assert by_name["setting, first-ranked"].value == 0.5
    assert by_name["setting, first-ranked"].met is False


def test_without_a_setting_there_is_no_figure_of_it() -> None:
    assert not any("setting" in f.name for f in summarise(OUTCOMES[2:]))


def test_the_spread_and_the_share_of_copies_are_of_sets() -> None:
    by_name = {f.name: f for f in summarise(OUTCOMES)}
    assert by_name["spread of a set by CLIP's features"].value == 0.5
    assert by_name["near copies in a set"].value == 0.25


def test_the_interval_is_that_of_the_mean() -> None:
    values = np.random.default_rng(0).random(400)
    share = figure("x", values)
    error = 1.96 * values.std() / 20
    assert share.low == pytest.approx(values.mean() - error, abs=0.2 * error)
    assert share.high == pytest.approx(values.mean() + error, abs=0.2 * error)
    with pytest.raises(ValueError, match="no prompt to measure nothing"):
        figure("nothing", [])


def test_groups_are_the_halves_and_languages() -> None:
    assert {name: len(group) for name, group in groups(OUTCOMES).items()} == {
        "all": 4, "plain": 2, "lyric": 2, "lyric, English": 2,
    }  # fmt: skip


def test_the_worst_subject_comes_first_with_what_it_is_taken_for() -> None:
    cat, owl = by_subject(OUTCOMES)
    assert (cat.subject, cat.prompts, cat.right, cat.near) == ("cat", 2, 0.25, 0.5)
    assert cat.instead == "dog 6"
    assert owl.near == 1.0


def test_moods_are_told_from_the_first_cover() -> None:
    assert by_mood(OUTCOMES)["Power"].value == 1.0


def test_tables_and_json_hold_the_figures() -> None:
    assert "| subject, first choice, first-ranked | 75.0% (" in main_table(OUTCOMES)
    table = group_table(OUTCOMES).splitlines()
    assert table[0].count("|") == 6
    assert all(line.count("|") == 6 for line in table)
    assert "| cat | 2 | 25% | 50% | dog 6 |" in subject_table(OUTCOMES)
    made = as_json(OUTCOMES, [])
    assert made["figures"]["lyric"][0]["value"] == 1.0
    assert made["prompts"][0]["said"] == ("cat", "cat", "dog", "dog")
