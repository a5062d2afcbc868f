"""All arguments of the application together, and where it keeps things."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import Field, PositiveFloat, field_validator

from deployments.config.base import Device, Options
from deployments.config.pictures import (
    EmbeddedGenerator,
    GeneratorOptions,
    OpenClipOptions,
    PolicyOptions,
    RerankerOptions,
)
from deployments.config.songs import SongsOptions
from deployments.config.text import (
    ClassifierOptions,
    GlossOptions,
    KiwiSpacing,
    SentimentOptions,
    SpacingOptions,
    SummarizerOptions,
    TextRankOptions,
    TranslatorOptions,
)
from songdalle_core.release.signing import Algorithm

DATA_VARIABLE = "SONGDALLE_DATA"
Colocatable = Literal["preprocess", "summarizer", "translator", "sentiment", "reranker"]


class HistoryOptions(Options):
    """Where jobs and what came of them are kept.

    Attributes:
        url: of the database, `sqlite:////folder/file` or `postgresql://user@host/name`; None is a file in the
            data folder. Several machines need PostgreSQL.
        retention_days: after how many days covers are deleted; None: never.
        keep_lyrics: whether lyrics stay in the database once their covers are done.
    """

    url: str | None = None
    retention_days: PositiveFloat | None = None
    keep_lyrics: bool = True


class ImagesOptions(Options):
    """Where pictures are kept.

    Attributes:
        url: any place that fsspec knows, such as `s3://bucket/covers`; None is the data folder.
    """

    url: str | None = None


class CertificateOptions(Options):
    """The operator's certificate, with which releases are signed; needs the extra `c2pa`.

    Attributes:
        chain: PEM file of the certificate and those above it, its own first.
        key: PEM file of its private key, PKCS #8.
        algorithm: of the signature.
    """

    chain: Path
    key: Path
    algorithm: Algorithm = "es256"


class ReleaseOptions(Options):
    """Covers as files for stores (docs/release.md).

    Attributes:
        certificate: None: releases have no C2PA manifest.
    """

    certificate: CertificateOptions | None = None


class AppOptions(Options):
    """Everything `deployments.app:build` needs.

    Attributes:
        device: where torch models run; "auto" takes the accelerator that Ray assigned, if any.
        policy: what is not drawn and not shown.
        data: folder of the finished covers, an absolute path; the environment's SONGDALLE_DATA goes before it.
        history: the database.
        images: where pictures are kept.
        release: covers as files for stores.
        upscale: whole factor from the generator's resolution to the PNG's.
        songs: where lyrics are searched by title.
        colocate: stages that share one process, the deployment Colocated, and with it one CUDA context.
        place_timeout_s: seconds after which a replica that finds no place in the cluster makes the start fail;
            None waits without end, as Ray does.
    """

    spacing: SpacingOptions = KiwiSpacing()
    summarizer: SummarizerOptions = TextRankOptions()
    translator: TranslatorOptions = GlossOptions()
    sentiment: SentimentOptions = ClassifierOptions()
    generator: GeneratorOptions = EmbeddedGenerator()
    reranker: RerankerOptions = OpenClipOptions()
    device: Device = "auto"
    policy: PolicyOptions = PolicyOptions()
    data: Path | None = None
    history: HistoryOptions = HistoryOptions()
    images: ImagesOptions = ImagesOptions()
    release: ReleaseOptions = ReleaseOptions()
    upscale: Annotated[int, Field(ge=1, le=8)] = 2
    songs: SongsOptions = SongsOptions()
    colocate: tuple[Colocatable, ...] = ()
    place_timeout_s: PositiveFloat | None = None

    @field_validator("data")
    @classmethod
    def _anywhere(cls, data: Path | None) -> Path | None:
        return _absolute(data, "data") if data else None

    @field_validator("colocate")
    @classmethod
    def _several(cls, stages: tuple[Colocatable, ...]) -> tuple[Colocatable, ...]:
        if len(set(stages)) != len(stages) or len(stages) == 1:
            raise ValueError("colocate takes two stages or more, each once; leave it out for none")
        return stages


def named_folder(chosen: Path | None) -> Path | None:
    """The data folder that this process's SONGDALLE_DATA names, else `chosen`.

    Raises:
        ValueError: SONGDALLE_DATA is no absolute path.
    """
    named = os.environ.get(DATA_VARIABLE)
    return _absolute(Path(named), DATA_VARIABLE) if named else chosen


def data_folder(chosen: Path | None) -> Path:
    """Where covers are kept: SONGDALLE_DATA, else `chosen`, else the user's data folder.

    Raises:
        ValueError: SONGDALLE_DATA is no absolute path.
    """
    return named_folder(chosen) or Path(platformdirs.user_data_dir("song-dalle"))


def where_kept(options: AppOptions) -> str:
    """Where jobs, history and pictures are kept, and what named the folder, for the log; no passwords."""
    folder = data_folder(options.data)
    history, pictures = (
        re.sub("//[^/@]*@", "//", url) if url else str(folder)
        for url in (options.history.url, options.images.url)
    )
    text = f"jobs and history are kept in {history}, pictures in {pictures}"
    if str(folder) not in (history, pictures):
        return text
    if os.environ.get(DATA_VARIABLE):
        return f"{text} (named by {DATA_VARIABLE})"
    if options.data:
        return f"{text} (named when this was deployed)"
    return (
        f"{text} (by default: name another folder by args.data, or by {DATA_VARIABLE} in the environment "
        "in which Ray is started; that of `serve run` or `serve deploy` does not reach a cluster)"
    )


def _absolute(folder: Path, name: str) -> Path:
    folder = folder.expanduser()
    if not folder.is_absolute():
        raise ValueError(
            f"{name} is {str(folder)!r}: give an absolute path, for processes have working folders of their own"
        )
    return folder
