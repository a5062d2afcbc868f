"""Pasted lyrics as their plain text: what files, players and pages add to a lyric, taken out."""

from songdalle_core.pasted.plain import is_instrumental, plain_lyrics

__all__ = ["is_instrumental", "plain_lyrics"]
