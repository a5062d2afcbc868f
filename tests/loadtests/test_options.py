from __future__ import annotations

import pytest

from loadtests.options import parse


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["closed", "--url", "http://example.com"], "--allow-remote"),
        (["closed", "--duration", "3601"], "3600"),
        (["closed", "--users", "0"], "0 is not from 1"),
        (["closed", "--users", ",".join("1" * 17)], "at most 16 loads"),
        (["closed", "--candidates-mix", "99"], "1 to 24"),
        (["closed", "--json", "no/such/folder/a.json"], "cannot be written"),
        (["open"], "--rate"),
        (["open", "--rate", "nan"], "nan"),
        (["open", "--rate", "1000", "--duration", "3600"], "at most 50000"),
        (["search", "--start", "50"], "in this order"),
        ([], "closed | open | search"),
    ],
)
def test_nonsense_is_refused(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_info:
        parse(words, "")
    assert exit_info.value.code == 2
    assert message in capsys.readouterr().err
