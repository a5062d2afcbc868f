"""Kinds of pipelines, a file each."""
