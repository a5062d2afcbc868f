"""Typed arguments of the application: which model each stage runs.

These are the `args` of `serve_config.yaml`. Changing one restarts every deployment, so numbers
worth tuning on a running service are not here but in `tunables.py`. Nothing here imports a model.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, model_validator

DATA_VARIABLE = "SONGDALLE_DATA"
Device = Literal["auto", "cpu", "cuda"]


class Options(BaseModel):
    """Base of all options: frozen, and a misspelt name is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class KiwiSpacing(Options):
    """Word spacing by kiwi's morphemes."""

    backend: Literal["kiwi"] = "kiwi"


class SoynlpSpacing(Options):
    """Word spacing by soynlp's word scores (GPL-3, imported only when chosen)."""

    backend: Literal["soynlp"] = "soynlp"


class TextRankOptions(Options):
    """Extractive summaries by TextRank over kiwi lemmas."""

    backend: Literal["textrank"] = "textrank"


class GlossOptions(Options):
    """Translation through the project's lexicon, or through another folder of the same files."""

    backend: Literal["gloss"] = "gloss"
    lexicon: Path | None = None


class ClassifierOptions(Options):
    """The embedded mood classifier, or another one trained by the same script."""

    backend: Literal["classifier"] = "classifier"
    weights: Path | None = None


class EngineSizes(Options):
    """Sizes of the generation engine; see `songdalle_core.imagegen.engine.EngineOptions`.

    They are identity rather than tuning: `width` decides how sums are rounded, and with that which
    picture a seed gives.
    """

    slots: PositiveInt = 12
    width: PositiveInt = 12
    max_waiting: PositiveInt = 240
    decode_width: PositiveInt = 4
    prefills: PositiveInt = 2

    @model_validator(mode="after")
    def _whole_groups(self) -> EngineSizes:
        if self.slots % self.width:
            raise ValueError(f"slots ({self.slots}) must be a multiple of width ({self.width})")
        return self


class DrawingOptions(Options):
    """How a generator is run.

    Attributes:
        runtime: "auto" is the native kernel on a CPU and PyTorch elsewhere; see `choose_runtime`.
        threads: CPU threads of a step.
        dtype: of the transformer's weights and products; norms and logits are in single precision.
        cuda_graphs: record a step once and replay it, on a GPU.
        engine: sizes.
    """

    runtime: Literal["auto", "native", "openvino", "torch"] = "auto"
    threads: PositiveInt = 2
    dtype: Literal["float32", "bfloat16"] = "float32"
    cuda_graphs: bool = False
    engine: EngineSizes = EngineSizes()


class EmbeddedGenerator(DrawingOptions):
    """The generator shipped with the package."""

    backend: Literal["embedded"] = "embedded"


class FolderGenerator(DrawingOptions):
    """A generator in a folder of `songdalle_core.imagegen.generator.FILES`."""

    backend: Literal["folder"] = "folder"
    folder: Path


class CheckpointGenerator(DrawingOptions):
    """A published checkpoint of RQ-Transformer or minDALL-E, as `scripts/download_weights.py` leaves it.

    Attributes:
        folder: what that script printed.
        ema: take the averaged weights where there are any.
    """

    backend: Literal["checkpoint"] = "checkpoint"
    folder: Path
    ema: bool = False


class OpenClipOptions(Options):
    """Any model of open_clip's factory; "embedded" is the one shipped with the package."""

    backend: Literal["open_clip"] = "open_clip"
    model: str = "embedded"
    pretrained: str | None = None
    threads: PositiveInt = 1


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


SpacingOptions = Annotated[KiwiSpacing | SoynlpSpacing, Field(discriminator="backend")]
AnyGenerator = EmbeddedGenerator | FolderGenerator | CheckpointGenerator
GeneratorOptions = Annotated[AnyGenerator, Field(discriminator="backend")]


class AppOptions(Options):
    """Everything `deployments.app:build` needs.

    Attributes:
        device: where torch models run; "auto" takes the accelerator that Ray assigned, if any.
        data: folder of the finished covers; the environment's SONGDALLE_DATA goes before it.
        history: the database.
        images: where pictures are kept.
        upscale: whole factor from the generator's resolution to the PNG's.
    """

    spacing: SpacingOptions = KiwiSpacing()
    summarizer: TextRankOptions = TextRankOptions()
    translator: GlossOptions = GlossOptions()
    sentiment: ClassifierOptions = ClassifierOptions()
    generator: GeneratorOptions = EmbeddedGenerator()
    reranker: OpenClipOptions = OpenClipOptions()
    device: Device = "auto"
    data: Path | None = None
    history: HistoryOptions = HistoryOptions()
    images: ImagesOptions = ImagesOptions()
    upscale: Annotated[int, Field(ge=1, le=8)] = 2


def data_folder(chosen: Path | None) -> Path:
    """Where covers are kept: SONGDALLE_DATA, else `chosen`, else the user's data folder."""
    named = os.environ.get(DATA_VARIABLE)
    if named:
        return Path(named)
    return chosen or Path(platformdirs.user_data_dir("song-dalle"))
