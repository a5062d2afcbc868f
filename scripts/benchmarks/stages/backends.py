"""The text stages' back ends, built from what is here: embedded weights, or random ones of a size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.benchmarks.stages import checkpoints
from scripts.benchmarks.stages.checkpoints import KOBART, KOBERT, MARIAN, TINY, Size
from songdalle_core.pretrained import Source
from songdalle_core.sentiment import MoodClassifier
from songdalle_core.sentiment.kobert import load_kobert
from songdalle_core.summarization import TextRankSummarizer
from songdalle_core.summarization.kobart import KoBartOptions, KoBartSummarizer
from songdalle_core.translation import GlossTranslator, Lexicon
from songdalle_core.translation.marian import load_marian
from songdalle_core.translation.nllb import load_nllb
from songdalle_core.translation.seq2seq import SearchOptions

Song = Sequence[str]
SENTENCES = 2  # of a summary, which is what a translator gets of a song


@dataclass(frozen=True)
class Backend:
    """A model of a stage.

    Attributes:
        run: what the stage does with a batch of songs, each a list of lines.
        parameters: weights of the model, 0 where there is no network.
        tokens: of a song, as the model reads it; None where it reads no tokens.
    """

    stage: str
    name: str
    run: Callable[[Sequence[Song]], object]
    parameters: int = 0
    tokens: Callable[[Song], int] | None = None


@dataclass(frozen=True)
class Setting:
    """Where models run, and how long a summary or translation they search for.

    Attributes:
        folder: for the random checkpoints.
        max_length: tokens written a song; random weights hardly ever stop before.
    """

    folder: Path
    device: str = "cpu"
    dtype: Any = "float32"
    max_length: int = 32
    num_beams: int = 4


def build(name: str, setting: Setting) -> Backend:
    """The back end of that name, one of `NAMES`."""
    return BUILDERS[name](setting)


def _textrank(_: Setting) -> Backend:
    model = TextRankSummarizer(Lexicon.load().is_picturable)
    return Backend("summarizer", "textrank", model.summarize_many)


def _gloss(_: Setting) -> Backend:
    model = GlossTranslator()

    def run(songs: Sequence[Song]) -> object:
        return model.translate_many([sentence for song in songs for sentence in song[:SENTENCES]])

    return Backend("translator", "gloss", run)


def _classifier(_: Setting) -> Backend:
    model = MoodClassifier.load()
    return Backend("sentiment", "classifier", lambda songs: model.classify_many(_texts(songs)))


def _kobart(size: Size, name: str) -> Callable[[Setting], Backend]:
    def made(setting: Setting) -> Backend:
        source = _source(checkpoints.write_kobart, size, name, setting)
        options = KoBartOptions(setting.max_length, setting.num_beams)
        model = KoBartSummarizer.load(source, options)
        return Backend(
            "summarizer", name, model.summarize_many, model._model.num_parameters(),
            lambda song: len(model.encode(". ".join(song))),
        )  # fmt: skip

    return made


def _kobert(size: Size, name: str) -> Callable[[Setting], Backend]:
    def made(setting: Setting) -> Backend:
        model = load_kobert(_source(checkpoints.write_kobert, size, name, setting))
        return Backend(
            "sentiment", name, lambda songs: model.classify_many(_texts(songs)),
            model._model.num_parameters(),
            lambda song: len(model._tokenizer.encode(". ".join(song), model._max_length)),
        )  # fmt: skip

    return made


def _seq2seq(load: Any, write: Any, size: Size, name: str) -> Callable[[Setting], Backend]:
    def made(setting: Setting) -> Backend:
        options = SearchOptions(setting.max_length, setting.num_beams)
        model = load(_source(write, size, name, setting), options)
        return Backend(
            "translator", name,
            lambda songs: model.translate_many([". ".join(song[:SENTENCES]) for song in songs]),
            model._model.num_parameters(),
            lambda song: len(model._tokenizer(". ".join(song[:SENTENCES])).input_ids),
        )  # fmt: skip

    return made


def _source(write: Any, size: Size, name: str, setting: Setting) -> Source:
    folder = write(setting.folder / name, size)
    return Source(str(folder), device=setting.device, dtype=setting.dtype)


def _texts(songs: Sequence[Song]) -> list[str]:
    return [". ".join(song) for song in songs]


BUILDERS: dict[str, Callable[[Setting], Backend]] = {
    "textrank": _textrank,
    "gloss": _gloss,
    "classifier": _classifier,
    "kobart-tiny": _kobart(TINY, "kobart-tiny"),
    "kobert-tiny": _kobert(TINY, "kobert-tiny"),
    "marian-tiny": _seq2seq(load_marian, checkpoints.write_marian, TINY, "marian-tiny"),
    "nllb-tiny": _seq2seq(load_nllb, checkpoints.write_nllb, TINY, "nllb-tiny"),
    "kobert": _kobert(KOBERT, "kobert"),
    "kobart": _kobart(KOBART, "kobart"),
    "marian": _seq2seq(load_marian, checkpoints.write_marian, MARIAN, "marian"),
}
NAMES = tuple(BUILDERS)
