from __future__ import annotations

import pytest

from loadtests.cli import main
from loadtests.compare.cli import parse


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--groups", "nothing"], "no group nothing"),
        (["--users", "0"], "users are 1 to 256"),
        (["--duration", "0.1"], "0.5 to 600"),
        (["--candidates-mix", "99"], "1 to 24"),
        (["--json", "no/such/folder/a.json"], "cannot be written"),
    ],
)
def test_nonsense_is_refused(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_info:
        main(["compare", *words])
    assert exit_info.value.code == 2
    assert message in capsys.readouterr().err


def test_quick_is_the_services_group() -> None:
    args = parse(["--quick"])
    assert [group.name for group in args.chosen] == ["service"]
    assert args.plan.users == 8
    assert args.plan.limit < 300
    assert len(parse([]).chosen) == 4
