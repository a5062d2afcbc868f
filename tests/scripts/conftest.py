"""Small art sets for the training scripts: the shipped concepts as plain shapes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.training.scenes.art import ART_SETS, load_concepts

COLOURS = ("#e22", "#2a2", "#22e", "#ee2", "#e2e", "#2ee")


@pytest.fixture(scope="session")
def shape_art(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like `fetch_art.py` leaves, every concept a disc or a block, in each set of another colour."""
    folder = tmp_path_factory.mktemp("shapes")
    for turn, art_set in enumerate(ART_SETS):
        icons = {}
        for number, concept in enumerate(load_concepts()):
            fill = COLOURS[(number + turn) % len(COLOURS)]
            disc = f'<circle cx="16" cy="16" r="14" fill="{fill}"/>'
            block = f'<rect x="3" y="3" width="26" height="26" fill="{fill}"/>'
            icons[concept.icon] = {"body": disc if number % 2 else block}
        (folder / art_set).mkdir()
        data = {"icons": icons, "width": 32, "height": 32}
        (folder / art_set / "icons.json").write_text(json.dumps(data))
    return folder
