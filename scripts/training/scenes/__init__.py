"""Captioned scenes to train on: one or two subjects in a setting, with light, weather, mood and style."""
