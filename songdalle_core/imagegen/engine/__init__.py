"""The generation engine: in-flight batching of candidates, whatever runs the model."""
