"""Parts of `scripts/corpus/build.py`: from files and providers to a corpus of lyrics."""
