from __future__ import annotations

import re

import pytest

from scripts.operations.weights.catalogue import (
    HEADINGS,
    PROFILES,
    ArchiveProfile,
    HubProfile,
    Profile,
    table,
)
from songdalle_core import pretrained, reranking

ARCHIVES = [p for p in PROFILES.values() if isinstance(p, ArchiveProfile)]
HUB = [p for p in PROFILES.values() if isinstance(p, HubProfile)]


def test_every_model_of_the_design_is_there() -> None:
    assert list(PROFILES) == [
        "mindalle",
        "rq-cc3m",
        "rq-3.9b",
        "kobart",
        "kobart-base",
        "kobert",
        "marian",
        "nllb",
        "siglip2",
        "clip",
    ]
    assert len(ARCHIVES) + len(HUB) == len(PROFILES)


def test_what_a_missing_model_asks_to_run_is_there() -> None:
    named = {p.repository: p.name for p in HUB}
    assert pretrained.PROFILES.items() <= named.items()
    assert set(reranking.PROFILES.values()) <= set(named.values())
    assert not PROFILES["nllb"].commercial


@pytest.mark.parametrize("profile", ARCHIVES, ids=lambda p: p.name)
def test_archives_are_non_commercial_and_come_over_https(profile: ArchiveProfile) -> None:
    assert not profile.commercial
    assert profile.licence == "CC BY-NC-SA 4.0"
    for file in (profile.archive, *profile.vocabulary):
        assert file.url.startswith("https://")
        assert re.fullmatch(r"|md5:[0-9a-f]{32}|sha256:[0-9a-f]{64}", file.checksum)


@pytest.mark.parametrize("profile", ARCHIVES, ids=lambda p: p.name)
def test_the_folder_is_what_the_checkpoint_reader_takes(profile: ArchiveProfile) -> None:
    has = set(profile.whole)
    assert {"tokenizer/bpe-16k-vocab.json", "tokenizer/bpe-16k-merges.txt"} <= has
    layouts = ({"stage1/model.pt", "stage2/model.pt"}, {"stage1_last.ckpt", "stage2_last.ckpt"})
    assert any(layout <= has for layout in layouts)


@pytest.mark.parametrize("profile", HUB, ids=lambda p: p.name)
def test_hub_models_are_named_by_owner(profile: HubProfile) -> None:
    assert re.fullmatch(r"[\w-]+/[\w.-]+", profile.repository)


def test_the_table_is_honest_about_what_is_not_known() -> None:
    lines = {line.split("  ")[0]: line for line in table(PROFILES.values()).splitlines()}
    assert re.split(" {2,}", lines["profile"]) == list(HEADINGS)
    assert "unknown" in lines["rq-3.9b"]
    assert "none published" in lines["rq-3.9b"]
    assert "non-commercial only" in lines["rq-3.9b"]
    assert "md5 57b008f02ceaa02b779c8b7463143315" in lines["mindalle"]
    assert " yes " in lines["kobart"]


def test_the_table_lists_what_was_chosen() -> None:
    chosen: list[Profile] = [PROFILES["rq-cc3m"]]
    text = table(chosen)
    assert "bpe-16k-merges.txt" in text
    assert "kobart" not in text
    assert "rq-cc3m: https://twg.kakaocdn.net/" in text
