from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path

import pytest

from scripts.training.embedded.recipe import ROOT, Places, Settings, fingerprints, recipe
from scripts.training.train_embedded import NAMES

PLACES = Places(Path("/a/art"), Path("/a/run"), Path("/a/run/weights"))


def digests(places: Places = PLACES, settings: Settings | None = None) -> dict[str, str]:
    return fingerprints(recipe(places, settings or Settings()), places)


def changed(settings: Settings) -> set[str]:
    old, new = digests(), digests(settings=settings)
    return {name for name in old if old[name] != new[name]}


def test_every_step_comes_after_those_it_reads_from() -> None:
    earlier: set[str] = set()
    for step in recipe(PLACES, Settings()):
        assert set(step.after) <= earlier
        assert (ROOT / "scripts" / "training" / step.script).is_file()
        earlier.add(step.name)


def test_what_a_step_reads_is_written_before_it() -> None:
    written: set[str] = {"/a/art"}
    for step in recipe(PLACES, Settings()):
        for option, value in zip(step.options, step.options[1:], strict=False):
            if option in ("--rqvae", "--tokenizer", "--generator"):
                assert any(path.startswith(value) for path in written), (step.name, option)
        written |= {str(path) for path in step.outputs}


def test_a_change_reaches_all_that_depends_on_it_and_nothing_else() -> None:
    assert changed(replace(Settings(), judge_steps=9)) == {"judge"}
    assert changed(replace(Settings(), clip_steps=9)) == {"clip"}
    assert changed(replace(Settings(), transformer_steps=9)) == {
        "rqtransformer",
        "generator",
        "clip",
    }
    rqvae = {"rqvae", "rqtransformer", "generator", "clip"}
    assert changed(replace(Settings(), rqvae_steps=9)) == rqvae


def test_moved_folders_change_nothing() -> None:
    moved = Places(Path("/b/pictures"), Path("/c/other"), Path("/d/weights"))
    assert digests(moved) == digests()


def test_the_device_is_that_of_the_generator() -> None:
    steps = recipe(PLACES, Settings(device="cuda"))
    assert [s.name for s in steps if "cuda" in s.options] == ["rqvae", "rqtransformer"]
    assert not any("--device" in step.options for step in recipe(PLACES, Settings()))


def test_every_step_can_be_named() -> None:
    assert tuple(step.name for step in recipe(PLACES, Settings())) == NAMES


@pytest.mark.parametrize("smoke", [False, True])
def test_every_step_gives_its_script_options_that_it_takes(smoke: bool) -> None:
    for step in recipe(PLACES, Settings(), smoke):
        name = step.script.removesuffix(".py")
        script = importlib.import_module(f"scripts.training.{name}")
        script.parser().parse_args(step.options)
