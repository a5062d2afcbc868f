"""A client of the service over HTTP, and the `songdalle` command. Needs neither Ray nor a model.

async with SongDalle("http://127.0.0.1:8000") as service:
    async for event in service.draw(CoverRequest(lyrics="a lamp on the hill")):
        print(event)
"""

from songdalle_client.answers import (
    Cover,
    CoverSet,
    CoverSummary,
    FoundSong,
    HistoryPage,
    JobStatus,
    Problem,
    SongWithLyrics,
)
from songdalle_client.connection import Connecting
from songdalle_client.errors import ClientError, Lost, ServiceError, Unexpected, Unreachable
from songdalle_client.requests import CoverRequest
from songdalle_client.service import SongDalle
from songdalle_client.stream import CoverStream
from songdalle_client.version import __version__

__all__ = [
    "ClientError",
    "Connecting",
    "Cover",
    "CoverRequest",
    "CoverSet",
    "CoverStream",
    "CoverSummary",
    "FoundSong",
    "HistoryPage",
    "JobStatus",
    "Lost",
    "Problem",
    "ServiceError",
    "SongDalle",
    "SongWithLyrics",
    "Unexpected",
    "Unreachable",
    "__version__",
]
