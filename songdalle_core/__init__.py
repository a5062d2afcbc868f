"""Song DALL-E's models and rules: lyrics in, ranked album covers out. Imports no Ray and no web framework."""

__version__ = "0.1.0"
