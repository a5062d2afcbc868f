"""The summary stage: one to three sentences that carry the picture of a song."""

from songdalle_core.summarization.textrank import Summary, SummaryOptions, TextRankSummarizer

__all__ = ["Summary", "SummaryOptions", "TextRankSummarizer"]
