"""A long load below the capacity, and the memory of every process: `python -m loadtests soak`."""
