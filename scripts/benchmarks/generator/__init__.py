"""Parts of `benchmark_generator.py`: shapes, the textbook sampler, measures and the report."""
