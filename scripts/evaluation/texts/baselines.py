"""Plain summarisers to beat. Each fills the same length as the summariser that it is compared with.

A line alone is shorter than a summary may be and would lose recall by that, so a chosen line goes on
into the next ones while they fit.
"""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Sequence

from songdalle_core.summarization.splitting import fold_key, is_vocable, width
from songdalle_core.summarization.textrank import SummaryOptions

KEY_SENTENCES = 3


class KeySentencesError(RuntimeError):
    """krwordrank found no key sentence in a song."""


def first_lines(lines: Sequence[str], options: SummaryOptions) -> str:
    """The song's beginning."""
    return _filled(lines, 0, options)


def most_repeated(lines: Sequence[str], options: SummaryOptions) -> str:
    """The line sung most often, the first of several, and what follows it."""
    keys = [fold_key(line) for line in lines]
    sung = Counter(key for key, line in zip(keys, lines, strict=True) if not is_vocable(line))
    if not sung:
        return first_lines(lines, options)
    return _filled(lines, keys.index(sung.most_common(1)[0][0]), options)


def has_krwordrank() -> bool:
    """True if the package krwordrank, which the project does not depend on, can be imported."""
    return importlib.util.find_spec("krwordrank") is not None


def krwordrank(lines: Sequence[str], options: SummaryOptions) -> str:
    """Key sentences of KR-WordRank, the best first while they fit, in song order.

    Its default `min_count` of 5 is for hundreds of reviews; words of one song stand twice.

    Raises:
        KeySentencesError: the song's words repeat too little.
    """
    summarize_with_sentences = importlib.import_module(
        "krwordrank.sentence"
    ).summarize_with_sentences

    try:
        _, sentences = summarize_with_sentences(
            list(lines), num_keysents=KEY_SENTENCES, min_count=2
        )
    except (ValueError, IndexError, ZeroDivisionError) as error:
        raise KeySentencesError(str(error)) from error
    if not sentences:
        raise KeySentencesError("no key sentence")
    chosen: list[str] = []
    for sentence in dict.fromkeys(sentences):
        if chosen and width(" ".join([*chosen, sentence])) > options.max_chars:
            break
        chosen.append(sentence)
    return " ".join(sorted(chosen, key=lines.index))


def _filled(lines: Sequence[str], start: int, options: SummaryOptions) -> str:
    text = lines[start]
    for line in lines[start + 1 :]:
        longer = f"{text} {line}"
        if width(text) >= options.min_chars or width(longer) > options.max_chars:
            break
        text = longer
    return text
