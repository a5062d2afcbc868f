from __future__ import annotations

import pytest

from scripts.evaluation.covers.prompts import CoverPrompt
from scripts.evaluation.covers.writing import BARE, WORDINGS, Wording, Writer, reference

PLAIN = CoverPrompt(0, "plain", "a guitar by the sea", ("guitar",), ("shore",), "Calmness")
SONG = (
    "고양이가 창가에 앉아",
    "고양이가 창가에 앉아",
    "아무 말도 없이",
    "비가 내리는 거리",
    "바람이 부는 언덕 위에 나무",
)
LYRIC = CoverPrompt(1, "lyric", "\n".join(SONG), ("cat",), ("window",), "Sadness")


@pytest.fixture(scope="module")
def writer() -> Writer:
    return Writer()


def test_plain_prompts_only_get_style_and_mood(writer: Writer) -> None:
    assert writer.write(PLAIN) == "a painting of a guitar by the sea. a mood of calmness"
    assert writer.write(PLAIN, BARE) == "a guitar by the sea"
    assert writer.write(PLAIN, Wording(True, False)) == "a painting of a guitar by the sea"


def test_lyrics_go_through_the_text_stages(writer: Writer) -> None:
    written = writer.write(LYRIC)
    assert written.startswith("a painting of ")
    assert written.endswith(". a mood of sadness")
    assert "고" not in written


def test_each_transformation_shows_alone(writer: Writer) -> None:
    bare = writer.write(LYRIC, BARE)
    assert bare.count("cat") == 2
    assert "tree" in bare
    prompts = {name: writer.write(LYRIC, wording) for name, wording in WORDINGS.items()}
    assert prompts["style prefix alone"] == f"a painting of {bare}"
    assert prompts["mood prefix alone"] == f"{bare}. a mood of sadness"
    assert prompts["word removal alone"].count("cat") == 1
    assert len(prompts["length alone"].split()) < len(bare.split())
    assert len(set(prompts.values())) == len(WORDINGS)


def test_the_reference_names_subject_and_mood() -> None:
    assert reference(LYRIC) == "a painting of a cat. a mood of sadness"
