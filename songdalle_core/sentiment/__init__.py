"""The five moods of a lyric: a linear classifier small enough to ship and fast enough to forget."""

from songdalle_core.sentiment.classifier import MoodClassifier, Sentiment

__all__ = ["MoodClassifier", "Sentiment"]
