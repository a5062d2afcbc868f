"""Parts of `scripts/evaluate_covers.py`: do the covers show what the song says?"""
