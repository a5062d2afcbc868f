"""Prompts as the service writes them, with each of its transformations on or off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from scripts.evaluation.covers.prompts import CoverPrompt
from songdalle_core.lyrics import KiwiSpacer, clean_lyrics, remove_profanity, remove_profanity_many
from songdalle_core.moods import Mood
from songdalle_core.prompts import PromptOptions, build_prompt
from songdalle_core.summarization import Summary, SummaryOptions, TextRankSummarizer
from songdalle_core.translation import GlossTranslator, Lexicon

STYLE = "painting"


@dataclass(frozen=True)
class Wording:
    """Which transformations a prompt goes through; all of them, as the service does by default.

    Attributes:
        style: "a painting of ..." before the sentences.
        mood: "a mood of ..." after them.
        length: one sentence of the summary; otherwise every line of the lyrics.
        removal: without rude words, and no content word twice.
    """

    style: bool = True
    mood: bool = True
    length: bool = True
    removal: bool = True


SERVICE = Wording()
BARE = Wording(style=False, mood=False, length=False, removal=False)
WORDINGS = {
    "every line, as translated": BARE,
    "style prefix alone": Wording(True, False, False, False),
    "mood prefix alone": Wording(False, True, False, False),
    "length alone": Wording(False, False, True, False),
    "word removal alone": Wording(False, False, False, True),
    "all together": SERVICE,
}
"""The rows of the CLIP score table."""


class Summarizer(Protocol):
    """A summary stage: TextRank or KoBART."""

    def summarize_many(
        self, songs: Sequence[Sequence[str]], options: SummaryOptions | None = None
    ) -> list[Summary]:
        """Summaries of several songs."""
        ...


class Writer:
    """The embedded text stages in the order of the service's pipeline.

    Args:
        summarizer: in place of the embedded one.
    """

    def __init__(self, summarizer: Summarizer | None = None) -> None:
        lexicon = Lexicon.load()
        self._spacer = KiwiSpacer()
        self._summarizer = summarizer or TextRankSummarizer(lexicon.is_picturable)
        self._translator = GlossTranslator(lexicon)

    def write(self, prompt: CoverPrompt, wording: Wording = SERVICE) -> str:
        """The English sentence for the image model. Plain prompts skip summary and translation.

        Raises:
            ValueError: no word is left.
        """
        english = [prompt.text] if prompt.half == "plain" else self._english(prompt.text, wording)
        return self._prompt(english, prompt.mood, wording)

    def write_summary(self, sentences: Sequence[str], mood: Mood) -> str:
        """The English sentence for a summary that is there already.

        Raises:
            ValueError: no word is left.
        """
        return self._prompt(self._translated(sentences), mood, SERVICE)

    def _prompt(self, english: Sequence[str], mood: Mood, wording: Wording) -> str:
        options = PromptOptions(
            style=STYLE if wording.style else None,
            mood=mood if wording.mood else None,
            remove_repeats=wording.removal,
            remove_profanity=wording.removal,
        )
        return build_prompt(english, options, profanity_filter=remove_profanity).text

    def _english(self, lyrics: str, wording: Wording) -> list[str]:
        lines = clean_lyrics(lyrics, spacer=self._spacer).lines
        if wording.removal:
            lines = tuple(line.text for line in remove_profanity_many(lines) if line.text)
        if wording.length:
            lines = self._summarizer.summarize_many([lines], SummaryOptions())[0].sentences
        return self._translated(lines)

    def _translated(self, lines: Sequence[str]) -> list[str]:
        return [translation.text for translation in self._translator.translate_many(lines)]


def reference(prompt: CoverPrompt) -> str:
    """What a cover of the prompt should show, in the same words whatever the wording."""
    subject = prompt.subjects[0]
    article = "an" if subject[0] in "aeiou" else "a"
    return f"a painting of {article} {subject}. a mood of {prompt.mood.lower()}"
