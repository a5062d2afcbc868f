"""The stages of the pictures: generator, reranker, and the policy on what they show."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, PositiveInt, field_validator, model_validator

from deployments.config.base import Dtype, Options
from songdalle_core.imagegen.engine.options import EngineOptions
from songdalle_core.imagegen.model.options import MAX_GUIDANCE, MAX_STEPS

_ENGINE = EngineOptions()


class EngineSizes(Options):
    """Sizes of the generation engine; see `songdalle_core.imagegen.engine.engine.EngineOptions`.

    They are identity rather than tuning: `width` decides how sums are rounded, and with that which
    picture a seed gives.
    """

    slots: PositiveInt = _ENGINE.slots
    width: PositiveInt = _ENGINE.width
    max_waiting: PositiveInt = _ENGINE.max_waiting
    decode_width: PositiveInt = _ENGINE.decode_width
    prefills: PositiveInt = _ENGINE.prefills

    @model_validator(mode="after")
    def _whole_groups(self) -> EngineSizes:
        EngineOptions(**self.model_dump())
        return self


class FinishOptions(Options):
    """How what a generator draws is painted (`songdalle_core.finishing`).

    Attributes:
        side: pixels of a finished cover.
    """

    side: Annotated[int, Field(ge=128, le=3000)] = 512


class DrawingOptions(Options):
    """How a generator of codes is run.

    Attributes:
        sampling: what of `SamplingTunables` it has.
        runtime: "auto" is the native kernel on a CPU and PyTorch elsewhere; see `choose_runtime`.
        threads: CPU threads of a step.
        dtype: of the transformer's weights and products; norms and logits are in single precision.
        cuda_graphs: record a step once and replay it, on a GPU.
        engine: sizes.
        finish: paint its pictures; None leaves them as they are drawn, but for those of a generator that draws
            layers, which are always painted.
    """

    sampling: ClassVar[tuple[str, ...]] = ("temperature", "top_k", "top_p", "guidance")

    runtime: Literal["auto", "native", "torch"] = "auto"
    threads: PositiveInt = 2
    dtype: Literal["float32", "bfloat16"] = "float32"
    cuda_graphs: bool = False
    engine: EngineSizes = EngineSizes()
    finish: FinishOptions | None = None

    @field_validator("runtime", mode="before")
    @classmethod
    def _no_openvino(cls, runtime: object) -> object:
        if runtime == "openvino":
            raise ValueError("openvino is no longer a runtime: choose auto, native or torch")
        return runtime


class EmbeddedGenerator(DrawingOptions):
    """The generator shipped with the package."""

    backend: Literal["embedded"] = "embedded"


class FolderGenerator(DrawingOptions):
    """A generator in a folder of `songdalle_core.imagegen.model.generator.FILES`."""

    backend: Literal["folder"] = "folder"
    folder: Path


class CheckpointGenerator(DrawingOptions):
    """A published checkpoint of RQ-Transformer or minDALL-E.

    Attributes:
        folder: what `scripts/operations/download_weights.py` printed.
        ema: take the averaged weights where there are any.
    """

    backend: Literal["checkpoint"] = "checkpoint"
    folder: Path
    ema: bool = False


class DiffusersGenerator(Options):
    """An open text-to-image model in the format of diffusers' pipelines (docs/open_models.md).

    Attributes:
        sampling: what of `SamplingTunables` it has.
        model: an absolute folder, or a name on the model hub.
        revision: tag or commit on the model hub, needed there: a seed then keeps its picture.
        steps: calls of the network a candidate.
        guidance: as the model's own pipeline takes it; see `DenoisingOptions`.
        width: of the pictures, in pixels.
        height: of the pictures, in pixels.
        negative_prompt: what to keep away from, for models that are drawn with guidance.
        prompt_tokens: to which prompts are padded or cut; None: as the model's family has it.
        scheduler: class name of one to use in place of the model's own.
        scheduler_options: in place of its configuration's.
        preview_model: folder or hub name of a tiny autoencoder for previews; None shows a linear projection.
        vae_tiling: decode in tiles, which bounds memory at large sizes.
        threads: CPU threads.
        dtype: of all networks; float16 needs a GPU.
        engine: sizes; `width` rows go through the network at once, a guided candidate taking two.
        finish: paint over its pictures; None leaves them as they are drawn.
    """

    sampling: ClassVar[tuple[str, ...]] = ("steps", "guidance")

    backend: Literal["diffusers"] = "diffusers"
    model: Annotated[str, Field(min_length=1)]
    revision: str | None = None
    steps: Annotated[int, Field(ge=1, le=MAX_STEPS)]
    guidance: Annotated[float, Field(ge=0, le=MAX_GUIDANCE)] = 0.0
    width: Annotated[int, Field(ge=64, le=2048)]
    height: Annotated[int, Field(ge=64, le=2048)]
    negative_prompt: str | None = None
    prompt_tokens: Annotated[int, Field(ge=8, le=1024)] | None = None
    scheduler: str | None = None
    scheduler_options: dict[str, Any] = Field(default_factory=dict)
    preview_model: str | None = None
    vae_tiling: bool = False
    threads: PositiveInt = 2
    dtype: Dtype = "float32"
    engine: EngineSizes = EngineSizes(width=4, decode_width=1)
    finish: FinishOptions | None = None

    @model_validator(mode="after")
    def _pinned(self) -> DiffusersGenerator:
        if not Path(self.model).is_absolute() and self.revision is None:
            raise ValueError(
                f"{self.model!r} is a name on the model hub: pin its revision (a tag or commit), or give an "
                "absolute folder"
            )
        return self


class ClipOptions(Options):
    """What the rerankers share.

    Attributes:
        text: what covers are compared with: the English prompt, or the summary in the song's own language.
        dtype: of the weights; float16 needs a GPU.
        threads: CPU threads of the model.
    """

    text: Literal["prompt", "summary"] = "prompt"
    dtype: Dtype = "float32"
    threads: PositiveInt = 1


class OpenClipOptions(ClipOptions):
    """Any model of open_clip's factory; "embedded" is the one shipped with the package.

    Attributes:
        model: as `songdalle_core.reranking.ClipReranker.load` takes it.
        pretrained: tag of published weights, or path of a checkpoint file.
    """

    backend: Literal["open_clip"] = "open_clip"
    model: str = "embedded"
    pretrained: str | None = None


class Siglip2Options(ClipOptions):
    """SigLIP2, which reads Korean: covers are compared with the summary, whatever the translator made of it."""

    backend: Literal["siglip2"] = "siglip2"
    model: str = "ViT-B-32-SigLIP2-256"
    pretrained: str | None = "webli"
    text: Literal["prompt", "summary"] = "summary"

    @model_validator(mode="before")
    @classmethod
    def _own_weights(cls, given: Any) -> Any:
        """A model of a folder or hub page brings its weights: no tag then unless one is given."""
        if isinstance(given, dict) and ":" in str(given.get("model", "")):
            return {"pretrained": None, **given}
        return given


class PolicyOptions(Options):
    """What is not drawn and not shown (docs/policy.md).

    Attributes:
        prompts: refuse prompts whose words ask for it.
        pictures: withhold covers in which the reranker's CLIP model sees it. Only for a model that has
            seen such pictures: the embedded one knows scenes of emoji, and would withhold 18 % of them.
        nudenet: withhold covers in which NudeNet finds nudity; it has to be installed, AGPL-3.0.
        rounds: how often covers withheld are drawn anew before fewer are delivered.
    """

    prompts: bool = True
    pictures: bool = False
    nudenet: bool = False
    rounds: Annotated[int, Field(ge=0, le=5)] = 2


AnyGenerator = EmbeddedGenerator | FolderGenerator | CheckpointGenerator | DiffusersGenerator
GeneratorOptions = Annotated[AnyGenerator, Field(discriminator="backend")]
AnyReranker = OpenClipOptions | Siglip2Options
RerankerOptions = Annotated[AnyReranker, Field(discriminator="backend")]
