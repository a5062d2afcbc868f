"""Downloading published weights: what there is, how it arrives, how it is checked and unpacked."""
