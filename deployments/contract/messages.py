"""What deployments send one another where the core's own types would drag torch along.

Unpickling a class imports its module: a message defined beside the engine would load torch into the
ingress.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from songdalle_core.lyrics import CleanLyrics
from songdalle_core.seeds import CoverSeeds


@dataclass(frozen=True)
class StageInfo:
    """A stage's answer to "are you there, and what do you run?".

    Attributes:
        refused: why its last `user_config` was refused; "" if it was not.
    """

    stage: str
    model: str
    details: dict[str, str | int | float] = field(default_factory=dict)
    refused: str = ""


@dataclass(frozen=True)
class PreprocessRequest:
    """What of a request is text by the client: all of it is analysed in one visit.

    Attributes:
        prompt: to be drawn in place of one written from the lyrics; the style is not added to it then.
        remove_profanity: whether rude words are taken out of what is drawn.
    """

    lyrics: str
    prompt: str | None = None
    style: str | None = None
    remove_profanity: bool = True


@dataclass(frozen=True)
class PreprocessedLyrics:
    """Clean text, and what of it may be drawn.

    Attributes:
        clean: all of the lyrics that can be read, cleaned; its text may be empty.
        lines: its lines without rude words, those that had nothing else left out.
        prompt: the client's, without rude words; "" when it had nothing else.
        style: None if there is none, or none is left.
        rude_removed: words taken out of lines, prompt and style together.
        unread: the first lines in languages that no stage reads.
        prompt_unread: the prompt is in such a language.
    """

    clean: CleanLyrics
    lines: tuple[str, ...]
    prompt: str | None
    style: str | None
    rude_removed: int
    unread: tuple[str, ...] = ()
    prompt_unread: bool = False


@dataclass(frozen=True)
class SummaryRequest:
    """Lines of one song, repetitions included, and how many sentences to keep of them."""

    lines: tuple[str, ...]
    sentences: int


@dataclass(frozen=True)
class Delivery:
    """In which forms the pictures of a drawing are wanted.

    Attributes:
        streamed: whether somebody looks on: each picture then comes as WebP too, as soon as it is painted.
        together: finished candidates handed over at once, if nobody looks on.
        judged_side: pixels a side that the reranker sees; 0: all.
        judged_previews: whether it sees unfinished candidates as well.
        upscale: whole factor from the generator's pictures to the PNGs, for those that no finish painted.
    """

    streamed: bool = False
    together: int = 1
    judged_side: int = 0
    judged_previews: bool = False
    upscale: int = 1


@dataclass(frozen=True)
class Rectangle:
    """Code positions of a layer; see `songdalle_core.imagegen.engine.requests.Rectangle`."""

    layer: int
    top: int
    left: int
    height: int
    width: int


@dataclass(frozen=True, eq=False)
class KeptCover:
    """What a drawing takes over from a cover; see `songdalle_core.imagegen.engine.requests.Kept`."""

    seeds: CoverSeeds
    codes: npt.NDArray[np.uint16]
    share: float = 1.0
    part: Rectangle | None = None
    composition: bool = False
    finish: bool = False


@dataclass(frozen=True, eq=False)
class FinishRequest:
    """A cover that is to be finished anew in another size.

    Attributes:
        prompt, seeds, codes: what it was drawn from.
        side: pixels wanted.
        proof: pixels a side of the cover as it is stored, in which it is painted as well.
    """

    prompt: str
    seeds: CoverSeeds
    codes: npt.NDArray[np.uint16]
    side: int
    proof: int


@dataclass(frozen=True, eq=False)
class FinishedAnew:
    """A cover in another size.

    Attributes:
        pixels: uint8 (side, side, 3).
        subject: uint8 (M, M), what its subjects cover; None if that is not known.
        proof: uint8 (proof, proof, 3): the same cover as it is stored, if nothing has changed since.
    """

    pixels: npt.NDArray[np.uint8]
    subject: npt.NDArray[np.uint8] | None
    proof: npt.NDArray[np.uint8]


@dataclass(frozen=True)
class DrawRequest:
    """A prompt to draw; sampling fields that are None take the generator's defaults.

    Attributes:
        first: number of the first candidate; those before it were drawn by another call.
        previews: pictures of unfinished candidates wanted on the way; a busy generator sends fewer.
        delivery: the forms that pictures come in.
        kept: what is taken over from another cover.
    """

    prompt: str
    candidates: int
    seed: int
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    previews: int = 0
    first: int = 0
    delivery: Delivery = Delivery()
    kept: KeptCover | None = None


@dataclass(frozen=True)
class CandidatePicture:
    """One candidate, encoded by the generator: its pixels stay there.

    Attributes:
        candidate: counted from the drawing's `first`.
        png: labelled, with its metadata; empty of previews.
        image: data URL of a labelled WebP; empty unless somebody looks on.
        judged: uint8 (S, S, 3), as the reranker sees it; (0, 0, 3) if it does not.
        waited: seconds until its request got a first slot.
        fraction: how much of it is drawn; 1 but for previews.
        drawing: what a finished one was drawn from (`songdalle_core.drawings`).
    """

    candidate: int
    seed: int
    png: bytes
    image: str
    judged: npt.NDArray[np.uint8]
    waited: float = 0.0
    fraction: float = 1.0
    drawing: bytes = b""


@dataclass(frozen=True)
class Judgement:
    """What the reranker says of one picture.

    Attributes:
        score: how well it fits the prompt.
        withheld: the subject for which it must not be shown, or None.
    """

    score: float
    withheld: str | None = None
