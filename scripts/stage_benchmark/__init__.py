"""Speed of the stages in batches; run by `scripts/benchmark_stages.py`."""
