from __future__ import annotations

import json
from pathlib import Path

import pytest

from loadtests.cli import main
from loadtests.compare.page import BEGIN, END, FIGURES, PAGE, PEERS, replaced, section


def test_the_page_has_the_figures_of_the_file() -> None:
    assert main(["readme", "--check"]) == 0
    comparison = json.loads(FIGURES.read_text(encoding="utf-8"))
    written = PAGE.read_text(encoding="utf-8")
    for name in ("throughput_ratio", "p95_ratio", "one_at_a_time_ratio"):
        assert f"{comparison[name]:.2f} times" in written
    assert comparison["machine"]["cpu"] in written
    assert all(peer.system in written and peer.hardware in written for peer in PEERS)
    assert "other hardware" in written


def test_a_changed_figure_is_noticed_and_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    comparison = json.loads(FIGURES.read_text(encoding="utf-8"))
    figures, page = tmp_path / "figures.json", tmp_path / "page.md"
    page.write_text(f"# Head\n\n{section(comparison)}\n\nTail\n")
    figures.write_text(json.dumps(comparison | {"throughput_ratio": 987.5}))
    words = ["readme", "--figures", str(figures), "--page", str(page)]
    assert main([*words, "--check"]) == 1
    assert "differs" in capsys.readouterr().err
    assert main(words) == 0
    assert main([*words, "--check"]) == 0
    text = page.read_text()
    assert text.startswith("# Head\n\n<!--")
    assert text.endswith(f"{END}\n\nTail\n")
    assert "987.50 times" in text


def test_a_page_without_a_place_for_figures() -> None:
    with pytest.raises(ValueError, match="lacks the lines"):
        replaced(f"# Head\n{BEGIN}\n", "x")
    assert main(["readme", "--figures", "no/such/file.json"]) == 1
