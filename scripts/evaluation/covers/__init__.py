"""Parts of `scripts/evaluation/evaluate_covers.py`: do the covers show what the song says?"""
