"""Typed arguments of the application: which model each stage runs.

These are the `args` of `serve_config.yaml`. Changing one restarts every deployment, so numbers
worth tuning on a running service are not here but in `tunables.py`. Nothing here imports a model.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PositiveFloat,
    PositiveInt,
    field_validator,
    model_validator,
)

from songdalle_core.moods import Mood
from songdalle_core.songs.lrclib import ADDRESS as LRCLIB_ADDRESS
from songdalle_core.songs.melon import ADDRESS as MELON_ADDRESS
from songdalle_core.songs.melon import LEGAL_NOTE, SMALLEST_GAP

DATA_VARIABLE = "SONGDALLE_DATA"
Device = Literal["auto", "cpu", "cuda"]
Colocatable = Literal["preprocess", "summarizer", "translator", "sentiment", "reranker"]
Dtype = Literal["float32", "float16", "bfloat16"]
Beams = Annotated[int, Field(ge=1, le=32)]


class Options(BaseModel):
    """Base of all options: frozen, and a misspelt name is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class KiwiSpacing(Options):
    """Word spacing by kiwi's morphemes."""

    backend: Literal["kiwi"] = "kiwi"


class SoynlpSpacing(Options):
    """Word spacing by soynlp's word scores (GPL-3, imported only when chosen)."""

    backend: Literal["soynlp"] = "soynlp"


class PretrainedOptions(Options):
    """How a published transformer is run; only the stage that chose it imports torch.

    Attributes:
        model: a folder, or a name on the model hub.
        revision: branch, tag or commit on the model hub.
        dtype: of the weights; float16 needs a GPU.
        threads: CPU threads of the model.
        batch_tokens: most tokens of one call of the model, padding included; bounds its memory.
    """

    model: str
    revision: str | None = None
    dtype: Dtype = "float32"
    threads: PositiveInt = 1
    batch_tokens: PositiveInt = 8192


class TextRankOptions(Options):
    """Extractive summaries by TextRank over kiwi lemmas."""

    backend: Literal["textrank"] = "textrank"


class KoBartOptions(PretrainedOptions):
    """Summaries in the model's own words, published or of `scripts/train_kobart.py`.

    See `songdalle_core.summarization.kobart.KoBartOptions`.

    Attributes:
        max_length: most tokens of a summary.
        num_beams: hypotheses of the beam search.
        length_penalty: above 0 the greater, the longer the summaries.
    """

    backend: Literal["kobart"] = "kobart"
    model: str = "gogamza/kobart-summarization"
    max_length: Annotated[int, Field(ge=8, le=1024)] = 64
    num_beams: Beams = 4
    length_penalty: Annotated[float, Field(ge=-10, le=10)] = 1.0


class GlossOptions(Options):
    """Translation through the project's lexicon, or through another folder of the same files."""

    backend: Literal["gloss"] = "gloss"
    lexicon: Path | None = None


class MarianOptions(PretrainedOptions):
    """MarianMT, sentence by sentence."""

    backend: Literal["marian"] = "marian"
    model: str = "Helsinki-NLP/opus-mt-ko-en"
    max_length: Annotated[int, Field(ge=8, le=512)] = 128
    num_beams: Beams = 4


class NllbOptions(PretrainedOptions):
    """NLLB, whose published weights are for non-commercial use only; languages by FLORES-200 code."""

    backend: Literal["nllb"] = "nllb"
    model: str = "facebook/nllb-200-distilled-600M"
    source_language: str = "kor_Hang"
    target_language: str = "eng_Latn"
    max_length: Annotated[int, Field(ge=8, le=512)] = 128
    num_beams: Beams = 4


class PapagoOptions(Options):
    """Papago, a paid service of NAVER Cloud.

    Its keys stand in the environment: NCP_APIGW_API_KEY_ID and NCP_APIGW_API_KEY.

    Attributes:
        url: of the service.
        fallback: what translates when Papago does not; the answer's `words.fallback` names it then.
        timeout_s: seconds of one try.
        deadline_s: seconds of a sentence, all tries and pauses together.
        attempts: tries of a sentence.
        connections: calls under way at once.
        failures: sentences in a row that fail before Papago is left in peace.
        rest_s: for so many seconds.
    """

    backend: Literal["papago"] = "papago"
    url: Annotated[str, Field(pattern="^https?://")] = (
        "https://papago.apigw.ntruss.com/nmt/v1/translation"
    )
    fallback: Annotated[
        GlossOptions | MarianOptions | NllbOptions, Field(discriminator="backend")
    ] = GlossOptions()
    timeout_s: PositiveFloat = 5.0
    deadline_s: PositiveFloat = 12.0
    attempts: PositiveInt = 3
    connections: PositiveInt = 8
    failures: PositiveInt = 5
    rest_s: PositiveFloat = 30.0


class ClassifierOptions(Options):
    """The embedded mood classifier, or another one trained by the same script."""

    backend: Literal["classifier"] = "classifier"
    weights: Path | None = None


class EncoderOptions(PretrainedOptions):
    """What the transformers that classify share.

    Attributes:
        labels: mood of each of the model's labels that counts; None where its labels are the moods.
        max_length: most tokens of a lyric; further ones are cut.
    """

    labels: dict[str, Mood] | None = None
    max_length: Annotated[int, Field(ge=8, le=4096)] = 512


class KoBertOptions(EncoderOptions):
    """KoBERT with a head of `scripts/train_kobert_sentiment.py`, and KoBERT's own vocabulary."""

    backend: Literal["kobert"] = "kobert"


class HubClassifierOptions(EncoderOptions):
    """Any sequence-classification model of `transformers`."""

    backend: Literal["hub"] = "hub"


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


AnySummarizer = TextRankOptions | KoBartOptions
SummarizerOptions = Annotated[AnySummarizer, Field(discriminator="backend")]
AnyTranslator = GlossOptions | MarianOptions | NllbOptions | PapagoOptions
TranslatorOptions = Annotated[AnyTranslator, Field(discriminator="backend")]
AnySentiment = ClassifierOptions | KoBertOptions | HubClassifierOptions
SentimentOptions = Annotated[AnySentiment, Field(discriminator="backend")]
AnyReranker = OpenClipOptions | Siglip2Options
RerankerOptions = Annotated[AnyReranker, Field(discriminator="backend")]


class LrclibOptions(Options):
    """lrclib.net: open to all, without a key.

    Attributes:
        gap_s: seconds from one request to the next, of each replica of the Ingress.
    """

    provider: Literal["lrclib"] = "lrclib"
    address: Annotated[str, Field(pattern="^https?://")] = LRCLIB_ADDRESS
    gap_s: Annotated[float, Field(ge=0.1, le=60)] = 0.5


class MelonOptions(Options):
    """melon.com, only for those who have its consent; see `songdalle_core.songs.melon`.

    Attributes:
        consent: True says that you have Melon's.
        gap_s: seconds from one request to the next, of each replica of the Ingress.
    """

    provider: Literal["melon"] = "melon"
    consent: bool = False
    address: Annotated[str, Field(pattern="^https?://")] = MELON_ADDRESS
    gap_s: Annotated[float, Field(ge=SMALLEST_GAP, le=60)] = 3.0

    @model_validator(mode="after")
    def _consented(self) -> MelonOptions:
        if not self.consent:
            raise ValueError(
                f"{LEGAL_NOTE}: leave melon out, or say `consent: true` if you have it"
            )
        return self


class ImportedProvider(Options):
    """A provider from a file of your own; see `songdalle_core.songs.provider`.

    Attributes:
        factory: "module:name" of what makes it, on the Python path of the replicas.
        settings: its named arguments.
    """

    provider: Literal["imported"] = "imported"
    factory: Annotated[str, Field(pattern=r"^[\w.]+:[\w.]+$")]
    settings: dict[str, Any] = {}


AnyProvider = LrclibOptions | MelonOptions | ImportedProvider


class SongsOptions(Options):
    """Where lyrics are searched by title.

    Attributes:
        providers: asked in this order until one knows a song; none switches the search off.
        contact: an address or a page in the User-Agent, by which providers reach who runs the service.
        patience_s: seconds that a provider may take, retries included.
        remember: searches, and songs, that are remembered.
        remember_s: seconds for which they are.
    """

    providers: tuple[Annotated[AnyProvider, Field(discriminator="provider")], ...] = (
        LrclibOptions(),
    )
    contact: Annotated[str, Field(pattern=r"^[!-~]{3,200}$")] | None = None
    patience_s: Annotated[float, Field(ge=1, le=60)] = 15.0
    remember: Annotated[int, Field(ge=1, le=100_000)] = 512
    remember_s: PositiveFloat = 3600.0


SpacingOptions = Annotated[KiwiSpacing | SoynlpSpacing, Field(discriminator="backend")]
AnyGenerator = EmbeddedGenerator | FolderGenerator | CheckpointGenerator
GeneratorOptions = Annotated[AnyGenerator, Field(discriminator="backend")]


class AppOptions(Options):
    """Everything `deployments.app:build` needs.

    Attributes:
        device: where torch models run; "auto" takes the accelerator that Ray assigned, if any.
        policy: what is not drawn and not shown.
        data: folder of the finished covers; the environment's SONGDALLE_DATA goes before it.
        history: the database.
        images: where pictures are kept.
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
    upscale: Annotated[int, Field(ge=1, le=8)] = 2
    songs: SongsOptions = SongsOptions()
    colocate: tuple[Colocatable, ...] = ()
    place_timeout_s: PositiveFloat | None = None

    @field_validator("colocate")
    @classmethod
    def _several(cls, stages: tuple[Colocatable, ...]) -> tuple[Colocatable, ...]:
        if len(set(stages)) != len(stages) or len(stages) == 1:
            raise ValueError("colocate takes two stages or more, each once; leave it out for none")
        return stages


def data_folder(chosen: Path | None) -> Path:
    """Where covers are kept: SONGDALLE_DATA, else `chosen`, else the user's data folder."""
    named = os.environ.get(DATA_VARIABLE)
    if named:
        return Path(named)
    return chosen or Path(platformdirs.user_data_dir("song-dalle"))
