"""As much of huggingface.co as its client asks for, on top of a file server."""

from __future__ import annotations

import hashlib
import json

from tests.scripts.operations.weights.file_server import FileServer

COMMIT = "5" * 40


def git_id(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def publish(server: FileServer, repository: str, files: dict[str, bytes]) -> None:
    """Serve a model repository of one commit; `.safetensors` and `.bin` are large files."""
    api = f"/api/models/{repository}"
    info = {"id": repository, "sha": COMMIT, "private": False, "tags": [], "siblings": []}
    tree = []
    for name, data in files.items():
        large = name.endswith((".safetensors", ".bin"))
        tree.append({"type": "file", "path": name, "size": len(data), "oid": git_id(data)})
        sha256 = hashlib.sha256(data).hexdigest()
        if large:
            tree[-1]["lfs"] = {"oid": sha256, "size": len(data), "pointerSize": 134}
        path = f"/{repository}/resolve/{COMMIT}/{name}"
        server.files[path] = data
        server.file_headers[path] = {
            "X-Repo-Commit": COMMIT,
            "ETag": f'"{sha256 if large else git_id(data)}"',
        }
    server.files[f"{api}/revision/main"] = json.dumps(info).encode()
    server.files[f"{api}/tree/{COMMIT}"] = json.dumps(tree).encode()
    for path in (f"{api}/revision/main", f"{api}/tree/{COMMIT}"):
        server.file_headers[path] = {"Content-Type": "application/json"}
