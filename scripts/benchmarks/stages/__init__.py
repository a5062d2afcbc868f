"""Speed of the stages in batches; run by `scripts/benchmarks/benchmark_stages.py`."""
