"""Which version of a remote file a partial download belongs to (RFC 9110, sections 8.8 and 13.1.5)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from email.message import Message
from pathlib import Path


@dataclass(frozen=True)
class Version:
    """What a server said of a file: its size in bytes, ETag and Last-Modified, each if it did."""

    size: int | None = None
    etag: str | None = None
    modified: str | None = None

    @classmethod
    def of(cls, headers: Message, size: int | None) -> Version:
        """The version that an answer's headers describe."""
        return cls(size, headers.get("ETag"), headers.get("Last-Modified"))

    @classmethod
    def load(cls, path: Path) -> Version | None:
        """The version kept in a file, or None if there is none to be read."""
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def save(self, path: Path) -> None:
        """Keep the version in a file."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @property
    def validator(self) -> str | None:
        """What to send as `If-Range`: it has to be a strong validator."""
        if self.etag and not self.etag.startswith("W/"):
            return self.etag
        return self.modified

    def agrees(self, other: Version) -> bool:
        """Whether nothing that both know differs."""
        pairs = (
            (self.size, other.size),
            (self.etag, other.etag),
            (self.modified, other.modified),
        )
        return all(mine == theirs for mine, theirs in pairs if None not in (mine, theirs))
