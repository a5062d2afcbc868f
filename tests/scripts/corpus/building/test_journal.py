from __future__ import annotations

from pathlib import Path

import pytest

from scripts.corpus.building.journal import NAME, Journal


def test_a_torn_line_is_dropped_and_the_rest_goes_on(tmp_path: Path) -> None:
    with Journal(tmp_path, resume=False) as journal:
        journal.append({"id": "등불"})
    with (tmp_path / NAME).open("ab") as file:
        file.write('{"id": "반'.encode())
    with pytest.raises(ValueError, match="add --resume"):
        Journal(tmp_path, resume=False)
    with Journal(tmp_path, resume=True) as journal:
        journal.append({"id": "풍선"})
        assert list(journal.rows()) == [{"id": "등불"}, {"id": "풍선"}]
