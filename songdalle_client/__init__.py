"""A client of the service over HTTP, and the `songdalle` command. Needs neither Ray nor a model.

async with SongDalle("http://127.0.0.1:8000") as service:
    async for event in service.draw(CoverOrder(lyrics="a lamp on the hill")):
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
from songdalle_client.errors import ClientError, Lost, ServiceError, Unexpected, Unreachable
from songdalle_client.orders import CoverOrder
from songdalle_client.service import Connecting, SongDalle
from songdalle_client.stream import CoverStream

__all__ = [
    "ClientError",
    "Connecting",
    "Cover",
    "CoverOrder",
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
]
