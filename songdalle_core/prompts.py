"""The prompt of the image model: style prefix, mood, and the translated sentences, cleaned.

a painting of a pretty dream of flying in a balloon. a mood of joyful
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from songdalle_core.moods import MOODS, Mood, is_mood
from songdalle_core.wordsets import word_set

MAX_STYLE_CHARS = 40

# Words that lead to another: they go when that one goes.
_LEADING_WORDS = word_set(
    "a an the and or but of in on at to by for from with without into onto over under through "
    "between beside behind near along across around beyond past toward outside inside"
)
# Words a sentence may need twice.
_FUNCTION_WORDS = _LEADING_WORDS | word_set(
    "front middle end is are was were be been it its my your his her our their this that these "
    "those "
    "i you he she we they me him us them not no so as like while when"
)
_WORD_EDGES = re.compile(r"^\W+|\W+$")
_SPACES = re.compile(r"\s+")


class Filtered(Protocol):
    """What a profanity filter returns: the text without rude words, and how many went."""

    @property
    def text(self) -> str: ...

    @property
    def removed(self) -> int: ...


@dataclass(frozen=True, slots=True)
class PromptOptions:
    """Which parts the prompt has.

    Attributes:
        style: what the cover is ("a STYLE of ..."); None leaves the prefix out.
        mood: one of the five moods ("a mood of ..."); None leaves it out.
        max_words: longest prompt; the sentences are cut, never the style or the mood.
        remove_repeats: drop a content word that came before.
        remove_profanity: apply the filter that `build_prompt` is given.

    Raises:
        ValueError: the style is empty, longer than 40 characters or has characters other than
            letters, digits, spaces and hyphens; the mood is unknown; `max_words` leaves no room.
    """

    style: str | None = "painting"
    mood: Mood | None = None
    max_words: int = 40
    remove_repeats: bool = True
    remove_profanity: bool = True

    def __post_init__(self) -> None:
        if self.style is not None:
            check_style(self.style)
        if self.mood is not None and not is_mood(self.mood):
            raise ValueError(f"mood must be one of {', '.join(MOODS)}, not {self.mood!r}")
        fixed = len(self._prefix().split()) + len(self._suffix().split())
        if self.max_words < fixed + 1:
            raise ValueError(f"max_words must be at least {fixed + 1} with this style and mood")

    def _prefix(self) -> str:
        if self.style is None:
            return ""
        style = normalise(self.style)
        return f"{'an' if style[0] in 'aeiou' else 'a'} {style} of"

    def _suffix(self) -> str:
        return "" if self.mood is None else f"a mood of {self.mood.lower()}"


@dataclass(frozen=True, slots=True)
class Prompt:
    """The finished prompt, and how many repeated and how many rude words were taken out of it."""

    text: str
    repeats_removed: int = 0
    rude_removed: int = 0


def check_style(style: str) -> None:
    """Raise ValueError unless `style` is at most 40 letters, digits, spaces and hyphens.

    Letters of any script are welcome, with their combining marks. A ligature counts as what it stands for.
    """
    style = unicodedata.normalize("NFKC", style)
    if len(style) > MAX_STYLE_CHARS:
        raise ValueError(f"style has {len(style)} characters; use at most {MAX_STYLE_CHARS}")
    if not any(character.isalnum() for character in style):
        raise ValueError("style must have a letter or digit; leave it out for no style")
    for character in style:
        if character in " -" or unicodedata.category(character)[0] in "LNM":
            continue
        raise ValueError(
            f"style may have letters, digits, spaces and hyphens only, not {character!r}"
        )


def build_prompt(
    translation_sentences: Sequence[str],
    options: PromptOptions | None = None,
    *,
    profanity_filter: Callable[[str], Filtered] | None = None,
) -> Prompt:
    """The prompt for one to three translated sentences.

    Args:
        translation_sentences: English sentences in song order; blank ones are skipped.
        options: parts and limits; the defaults if None.
        profanity_filter: returns the text without rude words and their number; None for no filter.

    Raises:
        ValueError: no sentence has a word, or none is left after filtering.
    """
    options = options or PromptOptions()
    sentences = [s for s in (normalise(t) for t in translation_sentences) if s]
    if not sentences:
        raise ValueError("a prompt needs at least one sentence with a word")
    rude = repeated = 0
    style_text = options.style
    if options.remove_profanity and profanity_filter is not None:
        sentences, rude = _filtered(sentences, profanity_filter)
        if style_text is not None:
            filtered = profanity_filter(style_text)
            rude += filtered.removed
            style_text = filtered.text if _has_word(filtered.text) else None
    if options.remove_repeats:
        sentences, repeated = _without_repeats(sentences)
    if not sentences:
        raise ValueError("no words are left after removing rude words: give other lyrics")
    shown = PromptOptions(style_text, options.mood)
    prefix, suffix = shown._prefix(), shown._suffix()
    room = options.max_words - len(prefix.split()) - len(suffix.split())
    body = ". ".join(_first_words(sentences, room))
    text = ". ".join(part for part in (f"{prefix} {body}".strip(), suffix) if part)
    return Prompt(text, repeated, rude)


def normalise(text: str) -> str:
    """NFKC, printable characters only, lower case, single spaces, no punctuation at the ends."""
    text = unicodedata.normalize("NFKC", text)
    text = "".join(c if c.isprintable() else " " for c in text)
    return _SPACES.sub(" ", text).strip(" .,;:!?").lower()


def _has_word(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _filtered(
    sentences: list[str], profanity_filter: Callable[[str], Filtered]
) -> tuple[list[str], int]:
    results = [profanity_filter(sentence) for sentence in sentences]
    cleaned = [normalise(result.text) for result in results]
    return [text for text in cleaned if _has_word(text)], sum(result.removed for result in results)


def _without_repeats(sentences: list[str]) -> tuple[list[str], int]:
    """Sentences without repeated words, and the number of words dropped."""
    used: set[str] = set()
    shortened: list[str] = []
    dropped = 0
    for sentence in sentences:
        words = _new_words(sentence.split(), used)
        dropped += len(sentence.split()) - len(words)
        if words:
            shortened.append(" ".join(words).strip(" .,;"))
    return shortened, dropped


def _new_words(words: list[str], used: set[str]) -> list[str]:
    """The words not in `used`, which grows by them.

    Function words may return, but not twice in a row; an article or preposition that lost the word
    it led to goes with it ("under the moon" as a whole, of "the red rose" only "red").
    """
    remaining: list[str] = []
    lost = False  # the word before was dropped
    for word in words:
        bare = _WORD_EDGES.sub("", word)
        function = bare in _FUNCTION_WORDS
        if lost and function:
            _drop_leading(remaining)
        last = _WORD_EDGES.sub("", remaining[-1]) if remaining else ""
        lost = bool(bare) and not function and bare in used
        if lost and word[-1] in ",.;":
            _drop_leading(remaining)
            if remaining and remaining[-1][-1].isalnum():
                remaining[-1] += word[-1]
        elif not lost and bare != last:
            used.add(bare)
            remaining.append(word)
    if lost:
        _drop_leading(remaining)
    return remaining


def _drop_leading(words: list[str]) -> None:
    """Remove articles and prepositions from the end of `words`."""
    while words and words[-1] in _LEADING_WORDS:
        words.pop()


def _first_words(sentences: list[str], room: int) -> list[str]:
    """As many words as fit, not ending in an article or preposition."""
    fitting: list[str] = []
    for sentence in sentences:
        words = sentence.split()[:room]
        if len(words) < len(sentence.split()):
            _drop_leading(words)
        room -= len(words)
        if words:
            fitting.append(" ".join(words).strip(" .,;"))
        if room <= 0:
            break
    return fitting or [" ".join(sentences[0].split()[: max(room, 1)])]
