"""Text files as people have them: what encoding they are in, and rows of CSV and JSON with where they stand.

A byte order mark means nothing, wherever it stands (of files put together, it stands in the middle). Only line
feeds and carriage returns end a line: U+2028 and U+0085, at which `str.splitlines` cuts, may stand inside one.
"""

from __future__ import annotations

import csv
import io
import json
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MARK = "\ufeff"
WIDE_MARKS = {  # those of UTF-32 first: one of them begins like one of UTF-16
    BOM_UTF32_LE: "UTF-32",
    BOM_UTF32_BE: "UTF-32",
    BOM_UTF16_LE: "UTF-16",
    BOM_UTF16_BE: "UTF-16",
}
OTHER_SEPARATORS = {";": "semicolons (;)", "\t": "tabs", "|": "vertical bars (|)"}


def read_lyrics(path: Path) -> str:
    """The text of a file in UTF-8, or in UTF-16 or UTF-32 if it begins with their byte order mark.

    Each line ends with a line feed.

    Raises:
        ValueError: it is in another encoding; the message names the file and what to do.
    """
    content = path.read_bytes()
    encoding = _wide(content)
    try:
        text = _plain(content.decode(encoding)) if encoding else _utf8(content, path)
        return io.StringIO(text, newline=None).read()
    except UnicodeDecodeError:
        raise ValueError(f"{path} begins like {encoding}, but is not: save it as UTF-8") from None


def read_utf8(path: Path) -> str:
    """The text of a file in UTF-8.

    Raises:
        ValueError: it is in another encoding; the message names the file and what to do.
    """
    content = path.read_bytes()
    encoding = _wide(content)
    if encoding is not None:
        raise ValueError(f"{path} is {encoding}: {_remedy(encoding)}")
    return _utf8(content, path)


def read_lines(path: Path) -> list[str]:
    """The lines of a file in UTF-8, without what ends them.

    Raises:
        ValueError: it is in another encoding.
    """
    return [line.rstrip("\n") for line in io.StringIO(read_utf8(path), newline=None)]


def read_json_lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each object of a file that has one a line, with its place, "file, line 3"; blank lines are skipped.

    Raises:
        ValueError: a line is no JSON object, or the encoding is another; the message names file and line.
    """
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise ValueError(f"{where}: {error.msg} (column {error.colno})") from error
        if not isinstance(row, dict):
            raise ValueError(f"{where}: give one JSON object a line")
        yield where, row


def read_csv(path: Path, column: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Each row of a CSV by its columns' names, with the line at which it begins; blank rows are skipped.

    Args:
        path: a file whose first row names the columns.
        column: one of them, which must be there.

    Raises:
        ValueError: the file is no such CSV; the message names the file, the line, and what to change.
    """
    text = read_utf8(path)
    _refuse_other_separators(path, text, column)
    rows = _csv_rows(path, text)
    where, header = next(rows, (str(path), []))
    if not header:
        raise ValueError(f"{path} is empty: its first row must name the columns")
    if column not in header:
        found = ", ".join(map(repr, header))
        raise ValueError(f"{where}: there must be a column {column!r}; the columns are {found}")
    for where, row in rows:
        if any(row[len(header) :]):
            raise ValueError(
                f"{where}: there are {len(row)} values for {len(header)} columns: "
                "put a text that has commas between quotation marks"
            )
        yield where, dict(zip(header, row, strict=False))


def _csv_rows(path: Path, text: str) -> Iterator[tuple[str, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True)
    while True:
        where = f"{path}, line {reader.line_num + 1}"
        try:
            row = [value.strip() for value in next(reader)]
        except StopIteration:
            return
        except csv.Error:
            raise ValueError(
                f"{where}: a quotation mark that opens in this row does not close where its value ends "
                "(a mark inside a value is written twice)"
            ) from None
        if any(row):
            yield where, row


def _refuse_other_separators(path: Path, text: str, column: str) -> None:
    header = next((line for line in io.StringIO(text, newline=None) if line.strip()), "")
    for separator, name in OTHER_SEPARATORS.items():
        titles = [title.strip(' "\n') for title in header.split(separator)]
        if len(titles) > 1 and column in titles:
            raise ValueError(f"{path}: the columns are parted by {name}: save the file with commas")


def _wide(content: bytes) -> str | None:
    return next((name for mark, name in WIDE_MARKS.items() if content.startswith(mark)), None)


def _utf8(content: bytes, path: Path) -> str:
    if b"\0" in content:
        raise ValueError(f"{path} is no UTF-8 text, but maybe UTF-16: {_remedy('UTF-16LE')}")
    try:
        return _plain(content.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    try:
        content.decode("cp949")
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not UTF-8: save it as UTF-8") from None
    raise ValueError(f"{path} is not UTF-8, but probably CP949: {_remedy('CP949')}")


def _plain(text: str) -> str:
    return text.replace(MARK, "")


def _remedy(encoding: str) -> str:
    return f"save it as UTF-8, such as by `iconv -f {encoding} -t UTF-8`"
