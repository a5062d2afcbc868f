"""All arguments of the application together, and where it keeps things."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Literal, get_args

import platformdirs
from pydantic import Field, PositiveFloat, field_validator, model_validator

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
DATABASE_VARIABLE = "SONGDALLE_DATABASE"
PICTURES_VARIABLE = "SONGDALLE_PICTURES"
ENDPOINT_VARIABLE = "AWS_ENDPOINT_URL"
Stage = Literal["preprocess", "summarizer", "translator", "sentiment", "generator", "reranker"]
Group = Annotated[str, Field(pattern="^[A-Z][A-Za-z]*$")]


class HistoryOptions(Options):
    """Where jobs and what came of them are kept.

    Attributes:
        url: of the database, `sqlite:////folder/file` or `postgresql://user@host/name`; None is a file in the
            data folder. Several machines need PostgreSQL. The environment's SONGDALLE_DATABASE goes before it.
        retention_days: after how many days covers are deleted; None: never.
        keep_lyrics: whether lyrics stay in the database once their covers are done.
    """

    url: str | None = None
    retention_days: PositiveFloat | None = None
    keep_lyrics: bool = True


class ImagesOptions(Options):
    """Where pictures are kept.

    Attributes:
        url: `s3://bucket/covers`, or any place that fsspec knows; None is the data folder, which several
            machines do not share. The environment's SONGDALLE_PICTURES goes before it.
        endpoint_url: of a server that speaks like S3, such as `http://minio:9000`; None: the environment's
            AWS_ENDPOINT_URL, if any. Credentials and region come from there too (AWS_ACCESS_KEY_ID,
            AWS_SECRET_ACCESS_KEY, AWS_REGION).
    """

    url: str | None = None
    endpoint_url: Annotated[str, Field(pattern="^https?://")] | None = None

    @model_validator(mode="after")
    def _of_a_bucket(self) -> ImagesOptions:
        if self.endpoint_url and not (self.url or "").startswith("s3://"):
            raise ValueError("images.endpoint_url goes with an images.url that begins with s3://")
        return self


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


class SurveyOptions(Options):
    """The page `/survey`, which asks visitors about the covers.

    Attributes:
        enabled: whether there is one.
        covers_by_people: folder of pictures that people made and that you may show, an absolute path; without
            it two of the five questions are not asked.
    """

    enabled: bool = False
    covers_by_people: Path | None = None

    @field_validator("covers_by_people")
    @classmethod
    def _anywhere(cls, folder: Path | None) -> Path | None:
        return _absolute(folder, "survey.covers_by_people") if folder else None


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
        survey: the page that asks visitors about the covers.
        colocate: groups of stages that share a process, so one copy of the libraries and one CUDA context; by
            the name of their deployment.
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
    survey: SurveyOptions = SurveyOptions()
    colocate: dict[Group, tuple[Stage, ...]] = Field(default={})
    place_timeout_s: PositiveFloat | None = None

    @field_validator("data")
    @classmethod
    def _anywhere(cls, data: Path | None) -> Path | None:
        return _absolute(data, "data") if data else None

    @field_validator("colocate")
    @classmethod
    def _several(cls, groups: dict[str, tuple[Stage, ...]]) -> dict[str, tuple[Stage, ...]]:
        stages = [stage for group in groups.values() for stage in group]
        if len(set(stages)) != len(stages) or any(len(group) < 2 for group in groups.values()):
            raise ValueError("a group of colocate takes two stages or more, and a stage one group")
        taken = sorted({"Ingress", *map(str.title, get_args(Stage))} & set(groups))
        if taken:
            raise ValueError(
                f"colocate has a group {taken[0]}, as a stage's own deployment is called"
            )
        return groups


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


def database_url(history: HistoryOptions) -> str | None:
    """The database: by SONGDALLE_DATABASE, which may hold a password, else by the options; None: a file."""
    return os.environ.get(DATABASE_VARIABLE) or history.url


def named_pictures(images: ImagesOptions) -> ImagesOptions:
    """Where pictures are kept: what SONGDALLE_PICTURES and AWS_ENDPOINT_URL name, else the options.

    Raises:
        ValueError: AWS_ENDPOINT_URL is no HTTP address.
    """
    url = os.environ.get(PICTURES_VARIABLE) or images.url
    endpoint = images.endpoint_url
    if (url or "").startswith("s3://"):
        endpoint = endpoint or os.environ.get(ENDPOINT_VARIABLE) or None
    return ImagesOptions(url=url, endpoint_url=endpoint)


def where_kept(options: AppOptions) -> str:
    """Where jobs, history and pictures are kept, and what named the folder, for the log; no passwords."""
    folder = data_folder(options.data)
    history, pictures = (
        re.sub("//[^/@]*@", "//", url) if url else str(folder)
        for url in (database_url(options.history), named_pictures(options.images).url)
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
