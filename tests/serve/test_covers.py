"""The contract of `POST /v1/covers` and what it leaves behind, over the real stages."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import httpx2
import pytest
from PIL import Image

from scripts.evaluation import draw_lyrics
from songdalle_core.moods import MOODS
from songdalle_core.provenance import NOTICE, read_metadata
from tests.serve.conftest import Draw

KOREAN = "풍선을 타고 날아가는 예쁜 꿈을 꾸었지\n파란 하늘 위로 높이 높이\n너와 함께 웃던 그날처럼"
ENGLISH = "I saw a red balloon\nfloating over the silver sea\nand the moon was watching me"
MIXED = "오늘 밤 바다 위에 moonlight\nbaby 너와 나 dancing slow\n별이 쏟아지는 하늘"


def pictures(client: httpx2.Client, made: dict[str, Any]) -> dict[int, bytes]:
    """PNG bytes by seed."""
    return {cover["seed"]: client.get(cover["url"]).content for cover in made["covers"]}


@pytest.fixture(scope="module")
def made(draw: Draw) -> dict[str, Any]:
    """Twelve covers of a Korean song."""
    response = draw(KOREAN, candidates=12, seed=7, title="꿈", artist="누구")
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def test_every_field_of_the_contract_is_there(made: dict[str, Any]) -> None:
    assert set(made) == {
        "id", "created_at", "status", "title", "artist", "lyrics", "language", "summary",
        "translation", "words", "sentiment", "style", "prompt", "seed", "models", "timings", "covers",
        "withheld", "notice",
    }  # fmt: skip
    assert made["status"] == "done"
    assert made["lyrics"] == KOREAN
    assert made["language"] == "ko"
    assert (made["seed"], made["title"], made["artist"]) == (7, "꿈", "누구")
    assert made["notice"] == NOTICE
    assert made["sentiment"]["label"] in MOODS
    assert list(made["sentiment"]["scores"]) == list(MOODS)
    assert sum(made["sentiment"]["scores"].values()) == pytest.approx(1, abs=1e-3)


def test_the_words_come_from_the_song(made: dict[str, Any]) -> None:
    assert made["summary"]
    for word in made["summary"].replace(".", " ").split():
        assert word in made["lyrics"]
    assert made["translation"].isascii()
    assert made["prompt"].startswith("a painting of ")
    assert made["prompt"].endswith(f"a mood of {made['sentiment']['label'].lower()}")


def test_twelve_covers_are_ranked(made: dict[str, Any]) -> None:
    assert [cover["rank"] for cover in made["covers"]] == list(range(1, 13))
    scores = [cover["score"] for cover in made["covers"]]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) > 1
    seeds = {cover["seed"] for cover in made["covers"]}
    assert len(seeds) == 12
    assert 7 in seeds


def test_every_stage_is_timed_and_named(made: dict[str, Any]) -> None:
    timings = dict(made["timings"])
    total = timings.pop("total")
    assert set(timings) == {
        "clean", "summarize", "translate", "sentiment", "prompt", "generate", "rerank", "store",
        "queue",
    }  # fmt: skip
    assert all(0 < seconds <= total for seconds in timings.values())
    assert list(made["models"]) == [
        "preprocess", "summarizer", "translator", "sentiment", "generator", "reranker",
    ]  # fmt: skip


def test_pictures_open_and_say_what_made_them(client: httpx2.Client, made: dict[str, Any]) -> None:
    details = client.get("/v1/models").json()["models"][4]["details"]
    for cover in made["covers"]:
        response = client.get(cover["url"])
        assert response.headers["content-type"] == "image/png"
        picture = Image.open(io.BytesIO(response.content))
        picture.load()
        assert picture.size == (details["finish"] or 2 * details["resolution"],) * 2
        metadata = read_metadata(response.content)
        assert metadata["notice"] == NOTICE
        assert metadata["prompt"] == made["prompt"]
        assert metadata["seed"] == str(cover["seed"])
        assert metadata["model"] == made["models"]["generator"]


def test_a_set_is_kept_in_the_data_folder(
    client: httpx2.Client, made: dict[str, Any], data: Path
) -> None:
    folder = data / "covers" / made["id"]
    names = {path.name for path in folder.iterdir()}
    kinds = ("png", "drawing")
    assert names == {f"{rank}.{kind}" for rank in range(1, 13) for kind in kinds}
    assert (folder / "1.png").read_bytes() == client.get(made["covers"][0]["url"]).content
    stored = client.get(f"/v1/covers/{made['id']}").json()
    made, stored = dict(made), dict(stored)
    # what writing took is known only after it was written
    made.pop("timings"), stored.pop("timings")
    assert stored == made


def test_the_same_seed_gives_the_same_bytes(
    client: httpx2.Client, draw: Draw, made: dict[str, Any]
) -> None:
    again = draw(KOREAN, candidates=12, seed=7).json()
    assert again["id"] != made["id"]
    assert [c["seed"] for c in again["covers"]] == [c["seed"] for c in made["covers"]]
    assert pictures(client, again) == pictures(client, made)


def test_another_seed_gives_other_pictures(
    client: httpx2.Client, draw: Draw, made: dict[str, Any]
) -> None:
    other = pictures(client, draw(KOREAN, seed=8, candidates=12).json())
    assert not set(other.values()) & set(pictures(client, made).values())


def test_a_candidate_is_the_same_without_its_siblings(
    client: httpx2.Client, draw: Draw, made: dict[str, Any]
) -> None:
    seed = made["covers"][5]["seed"]
    alone = draw(KOREAN, candidates=1, seed=seed).json()
    assert pictures(client, alone)[seed] == pictures(client, made)[seed]


def test_base64_holds_the_stored_picture(client: httpx2.Client, draw: Draw) -> None:
    cover = draw(ENGLISH, candidates=1, response_format="b64_json").json()["covers"][0]
    assert base64.b64decode(cover["b64_json"]) == client.get(cover["url"]).content


def test_sampling_changes_the_pictures(client: httpx2.Client, draw: Draw) -> None:
    careful = draw(ENGLISH, candidates=1, seed=1, temperature=0.1, top_k=1).json()
    daring = draw(ENGLISH, candidates=1, seed=1, temperature=3.0, top_k=0, top_p=1.0).json()
    assert pictures(client, careful) != pictures(client, daring)


@pytest.mark.parametrize(
    ("lyrics", "language"),
    [(ENGLISH, "en"), (MIXED, "mixed"), ("바다", "ko"), ("moon", "en"), ("a", "en")],
)
def test_every_language_gets_covers(draw: Draw, lyrics: str, language: str) -> None:
    response = draw(lyrics, candidates=1)
    assert response.status_code == 200, response.text
    answer = response.json()
    assert answer["language"] == language
    assert len(answer["prompt"].split()) > 3


def test_english_passes_through(draw: Draw) -> None:
    answer = draw("a red balloon over the sea", candidates=1, use_mood=False).json()
    assert answer["translation"] == "a red balloon over the sea"
    assert answer["prompt"] == "a painting of a red balloon over the sea"


def test_the_given_mood_is_drawn_and_the_predicted_one_told(draw: Draw) -> None:
    predicted = draw(ENGLISH, candidates=1).json()["sentiment"]
    other = next(mood for mood in MOODS if mood != predicted["label"])
    answer = draw(ENGLISH, candidates=1, mood=other, style="watercolor").json()
    assert answer["sentiment"] == predicted
    assert answer["prompt"].startswith("a watercolor of ")
    assert answer["prompt"].endswith(f"a mood of {other.lower()}")


def test_more_sentences_say_more(draw: Draw) -> None:
    one, three = (draw(KOREAN * 2, candidates=1, sentences=n).json() for n in (1, 3))
    assert len(three["summary"]) > len(one["summary"])


def test_rude_words_are_not_drawn(draw: Draw) -> None:
    answer = draw("fucking balloon over the sea", candidates=1, use_mood=False).json()
    assert "fuck" not in answer["prompt"]
    assert "balloon" in answer["prompt"]


def test_word_removal_can_be_turned_off(draw: Draw) -> None:
    rude = "damn balloon balloon over the shitty sea"
    removed = draw(rude, candidates=1, use_mood=False).json()["prompt"]
    unchanged = draw(
        rude, candidates=1, use_mood=False, remove_repeats=False, remove_profanity=False
    ).json()["prompt"]
    assert unchanged == f"a painting of {rude}"
    assert removed.count("balloon") == 1
    assert "shit" not in removed


def test_a_contact_sheet_of_lyrics(address: str, tmp_path: Path) -> None:
    lyrics, sheet = tmp_path / "lyrics.txt", tmp_path / "sheet.png"
    lyrics.write_text("a red balloon over the sea\n\n하얀 눈이 내리는 거리\n", encoding="utf-8")
    arguments = [str(lyrics), "--out", str(sheet), "--url", address, "--show", "2"]
    draw_lyrics.main(arguments)
    picture = Image.open(sheet)
    rows, side = 2, picture.width // 2
    assert picture.height == rows * (side + 18)
