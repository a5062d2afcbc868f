from __future__ import annotations

import pytest

from songdalle_client.cli import main
from songdalle_client.options import DEFAULT_SERVER, parse


def test_the_server_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SONGDALLE_SERVER", raising=False)
    assert str(parse(["history"], "").server) == f"{DEFAULT_SERVER}"
    monkeypatch.setenv("SONGDALLE_SERVER", "https://covers.example/base/")
    assert str(parse(["history"], "").server) == "https://covers.example/base"
    words = ["history", "--server", "http://127.0.0.1:8001"]
    assert str(parse(words, "").server) == "http://127.0.0.1:8001"


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--help"], ["cover", "--help"], ["--version"]):
        with pytest.raises(SystemExit) as end:
            main(words)
        assert end.value.code == 0
    assert "songdalle" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "cover | more"),
        (["cover"], "required"),
        (["cover", "x", "--song", "y"], "not allowed"),
        (["cover", "x", "--candidates", "25"], "from 1 to 24"),
        (["cover", "x", "--seed", "-1"], "from 0 to"),
        (["cover", "x", "--mood", "Grumpy"], "invalid choice"),
        (["cover", "x", "--server", "localhost"], "such as http"),
        (["history", "--limit", "²"], "from 1 to 100"),
    ],
)
def test_nonsense_is_refused(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 2
    assert message in capsys.readouterr().err
