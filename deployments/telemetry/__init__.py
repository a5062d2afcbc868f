"""Metrics, traces and the clock of a request."""
