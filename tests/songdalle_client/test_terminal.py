from __future__ import annotations

import io

from rich.console import Console

from songdalle_client.terminal import plain, print_entry, print_table


def test_text_cannot_command_the_terminal() -> None:
    assert plain("\x1b]0;title\x07a\nb\u202ec\ud800") == "]0;title a b c"
    assert plain(None) == ""
    assert plain("x" * 20, 10) == "xxxxxxx..."


def test_tables_show_markup_as_it_is() -> None:
    console = Console(file=io.StringIO(), width=60)
    print_table(console, ("id", "title"), [("a:1", "[red]등불[/red]"), ("b:22", "\x1b[2Jlamp")])
    assert isinstance(console.file, io.StringIO)
    printed = console.file.getvalue()
    assert "[red]등불[/red]" in printed
    assert "\x1b" not in printed


def test_entries_stand_as_they_are_and_wrap() -> None:
    console = Console(file=io.StringIO(), width=40)
    print_entry(console, ("f" * 32, "now", None, ""), ("[b]등불[/b] \x1b[2J", None, "a lamp " * 20))
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    assert lines[0] == "f" * 32 + "  now"
    assert lines[1].rstrip() == "    [b]등불[/b] [2J"
    assert all(line.startswith("    ") and len(line) <= 40 for line in lines[1:])
    assert "".join(lines[2:]).split() == ["a", "lamp"] * 20
