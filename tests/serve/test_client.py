"""The client and the command line against the running application."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from yarl import URL

from songdalle_client import CoverRequest, ServiceError, SongDalle
from songdalle_client.cli import Exit, main
from songdalle_client.events import Done, Judged, Previewed, Prompted, Queued
from songdalle_core.provenance import NOTICE, read_metadata
from tests.proxy import Proxy
from tests.serve.test_crowd import settle

ROOT = Path(__file__).resolve().parents[2]
LYRICS = "노란 풍선 하나 손에 쥐고\n푸른 하늘 위로 날아가고 싶어"
REQUEST = CoverRequest(lyrics=LYRICS, candidates=4, seed=7)


def use(address: str, call: Callable[[SongDalle], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with SongDalle(address) as service:
            return await call(service)

    return asyncio.run(run())


def test_a_stream_shows_how_covers_come_about(address: str) -> None:
    async def call(service: SongDalle) -> None:
        events = [event async for event in service.draw(REQUEST)]
        kinds = [type(event) for event in events]
        assert kinds[0] is Queued
        assert kinds[-1] is Done
        assert kinds.count(Previewed) >= 1  # a busy generator sends fewer than it is asked for
        assert kinds.count(Judged) == 4
        assert kinds.index(Prompted) < kinds.index(Previewed) < kinds.index(Judged)
        for event in events:
            if isinstance(event, Previewed | Judged):
                with Image.open(io.BytesIO(event.file)) as image:
                    assert image.format == "WEBP"
        whole = await service.make(REQUEST)
        done = events[-1]
        assert isinstance(done, Done)
        assert [c.score for c in done.covers.covers] == [c.score for c in whole.covers]
        again = await service.job(done.covers.id)
        assert again.id == done.covers.id

    use(address, call)


def test_a_broken_connection_is_taken_up(address: str) -> None:
    async def run() -> None:
        async with SongDalle(f"http://127.0.0.1:{proxy.port}") as service:
            stream = service.draw(REQUEST)
            names = []
            async for event in stream:
                names.append(type(event).__name__)
                if isinstance(event, Prompted):
                    proxy.cut()
                    proxy.mend()
        assert stream.resumed >= 1
        assert names[-1] == "Done"
        assert names.count("Judged") == 4
        assert names.count("Prompted") == 1

    with closing(Proxy(URL(address).port or 80)) as proxy:
        asyncio.run(run())


def test_a_bad_field_is_named(address: str) -> None:
    request = CoverRequest(lyrics=LYRICS, style="?")
    with pytest.raises(ServiceError, match="style: ") as refused:
        use(address, lambda service: service.draw(request).finish())
    assert refused.value.status == 422


def test_covers_from_the_command_line(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "lyrics.txt"
    path.write_text(LYRICS, encoding="utf-8")
    out = tmp_path / "covers"
    words = ["cover", str(path), "--out", str(out), "--candidates", "3", "--json"]
    assert main([*words, "--server", address]) == Exit.DONE
    made = json.loads(capsys.readouterr().out)
    assert made["lyrics"] == LYRICS
    assert read_metadata((out / "01.png").read_bytes())["seed"] == str(made["covers"][0]["seed"])
    assert read_metadata((out / "contact_sheet.png").read_bytes())["notice"] == NOTICE
    assert main(["get", made["id"], "--out", str(tmp_path / "again"), "--server", address]) == 0
    assert (tmp_path / "again" / "03.png").read_bytes() == (out / "03.png").read_bytes()


def test_ctrl_c_ends_the_job(address: str, tmp_path: Path, generator: Any) -> None:
    path = tmp_path / "lyrics.txt"
    path.write_text(LYRICS, encoding="utf-8")
    words = ["cover", str(path), "--out", str(tmp_path / "covers"), "--candidates", "24"]
    command = [sys.executable, "-m", "songdalle_client", *words, "--server", address]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    drawn = settle(generator)["drawn"]
    process = subprocess.Popen(command, cwd=tmp_path, env=env, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    process.stderr.readline()  # the prompt: drawing begins
    time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == Exit.INTERRUPTED, stderr
    assert "Cancelled." in stderr
    assert settle(generator)["drawn"] - drawn < 24  # its slots were freed
    assert list((tmp_path / "covers").iterdir()) == []
