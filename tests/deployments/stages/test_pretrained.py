from __future__ import annotations

from pathlib import Path

import torch

from deployments.config.text import KoBartOptions, MarianOptions
from deployments.stages.pretrained import described, source_of
from songdalle_core.pretrained import Source


def test_options_give_the_source_and_threads() -> None:
    threads = torch.get_num_threads()
    try:
        options = MarianOptions(model="a/b", revision="v2", dtype="bfloat16", threads=3)
        assert source_of(options, "cpu") == Source("a/b", "v2", "cpu", "bfloat16")
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(threads)


def test_names_do_not_tell_where_folders_lie(tmp_path: Path) -> None:
    folder = tmp_path / "secret" / "ours"
    folder.mkdir(parents=True)
    for model, name in ((str(folder), "ours"), ("owner/name", "owner/name")):
        description, details = described(KoBartOptions(model=model), Source(model))
        assert description == name
        assert details == {"device": "cpu", "dtype": "float32"}
