from __future__ import annotations

from pathlib import Path

import pytest

from scripts.common.text_files import read_lyrics


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_lyrics_are_read_by_their_mark(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "lyrics.txt"
    path.write_bytes("언덕 위의 등불\r\n\r\na lamp\n".encode(encoding))
    assert read_lyrics(path) == "언덕 위의 등불\n\na lamp\n"


def test_either_order_of_bytes(tmp_path: Path) -> None:
    path = tmp_path / "lyrics.txt"
    for order in ("utf-16le", "utf-16be", "utf-32le", "utf-32be"):
        path.write_bytes("\ufeff등불".encode(order))
        assert read_lyrics(path) == "등불"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("등불".encode("cp949"), "lyrics.txt is not UTF-8, but probably CP949: .*iconv -f CP949"),
        ("a lamp".encode("utf-16be"), "lyrics.txt is no UTF-8 text, but maybe UTF-16"),
        (b"\xff\xfea", "lyrics.txt begins like UTF-16, but is not: save it as UTF-8"),
        (b"\xff\xff\xff", "lyrics.txt is not UTF-8: save it as UTF-8"),
    ],
)
def test_another_encoding_is_told(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "lyrics.txt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_lyrics(path)
