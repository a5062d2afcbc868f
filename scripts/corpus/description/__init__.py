"""Parts of `scripts/corpus/describe.py`: figures of a corpus, and the page that shows them."""
