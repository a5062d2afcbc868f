"""A tiny art set in Iconify's format, drawn for these tests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.training.scenes.art import Concept
from scripts.training.scenes.composer import Composer

SHAPES = {
    "disc": '<circle cx="16" cy="16" r="14" fill="#f22"/>',
    "block": '<rect x="4" y="4" width="24" height="24" fill="#22f"/>',
    "bar": '<rect x="2" y="12" width="28" height="6" fill="#2f2"/>',
}
CONCEPTS = [
    Concept("balloon", "disc", ("party balloon",), 3.0, "main"),
    Concept("house", "block", ("home",)),
    Concept("shoes", "bar", (), sets=("two",)),
]


@pytest.fixture(scope="session")
def art(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("art")
    for name in ("one", "two"):
        (folder / name).mkdir()
        icons = {slug: {"body": body} for slug, body in SHAPES.items()}
        data = {"icons": icons, "aliases": {"ball": {"parent": "disc"}}, "width": 32, "height": 32}
        (folder / name / "icons.json").write_text(json.dumps(data))
    return folder


@pytest.fixture(scope="session")
def composer(art: Path) -> Composer:
    return Composer(art, 64, sets=("one", "two"), concepts=CONCEPTS)
