"""The text stages: spacing, summarizer, translator, sentiment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt

from deployments.config.base import Beams, Options, PretrainedOptions
from songdalle_core.moods import Mood


class KiwiSpacing(Options):
    """Word spacing by kiwi's morphemes."""

    backend: Literal["kiwi"] = "kiwi"


class SoynlpSpacing(Options):
    """Word spacing by soynlp's word scores (GPL-3, imported only when chosen)."""

    backend: Literal["soynlp"] = "soynlp"


class TextRankOptions(Options):
    """Extractive summaries by TextRank over kiwi lemmas."""

    backend: Literal["textrank"] = "textrank"


class KoBartOptions(PretrainedOptions):
    """Summaries in the model's own words, published or of `scripts/training/train_kobart.py`.

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
    """KoBERT with a head of `scripts/training/train_kobert_sentiment.py`, and KoBERT's own vocabulary."""

    backend: Literal["kobert"] = "kobert"


class HubClassifierOptions(EncoderOptions):
    """Any sequence-classification model of `transformers`."""

    backend: Literal["hub"] = "hub"


SpacingOptions = Annotated[KiwiSpacing | SoynlpSpacing, Field(discriminator="backend")]
AnySummarizer = TextRankOptions | KoBartOptions
SummarizerOptions = Annotated[AnySummarizer, Field(discriminator="backend")]
AnyTranslator = GlossOptions | MarianOptions | NllbOptions | PapagoOptions
TranslatorOptions = Annotated[AnyTranslator, Field(discriminator="backend")]
AnySentiment = ClassifierOptions | KoBertOptions | HubClassifierOptions
SentimentOptions = Annotated[AnySentiment, Field(discriminator="backend")]
