"""What replicas run in on a cluster that was started without the project's launcher."""

from __future__ import annotations

import json
from pathlib import Path

import psutil
import ray


def test_replicas_run_at_the_niceness_of_other_work(address: str) -> None:
    """`RAY_worker_niceness` stands in the config, not in the environment in which Ray was started."""
    replicas = {
        title.partition(":song-dalle:")[2].partition(":")[0].partition("#")[0]: process.nice()
        for process in psutil.process_iter()
        if (title := " ".join(process.cmdline())).startswith("ray::ServeReplica:song-dalle:")
    }
    own = psutil.Process().nice()
    assert set(replicas.values()) == {own}, replicas
    assert len(replicas) == 3  # Ingress, Text, Pictures


def test_the_log_says_where_cover_sets_are_kept(address: str, data: Path) -> None:
    logs = Path(ray._private.worker._global_node.get_session_dir_path()) / "logs" / "serve"
    (path, *_) = logs.glob("replica_*Ingress*.log")
    messages = [json.loads(line)["message"] for line in path.read_text("utf-8").splitlines()]
    expected = f"jobs and history are kept in {data}, pictures in {data} (named by SONGDALLE_DATA)"
    assert expected in messages
