"""Text to pictures: RQ-VAE, RQ-Transformer, and the engine that draws many requests at once."""
