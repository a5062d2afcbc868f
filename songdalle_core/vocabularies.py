"""Whether a tokenizer reads Korean as its model was trained on it.

`transformers` 5.23 builds its own tokenizer class from some folders, with other rules than the folder's
`tokenizer.json` holds, or reads a SentencePiece model that is not its class's: every Korean word comes out
unknown then, and nothing is said.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from songdalle_core.artifacts import ModelMissing

LINE = "노란 풍선을 타고 푸른 바다 위로 날아가는 꿈"
LINES = (LINE, "Love me, 푸른 Sea")


def check_korean(model: str, ids: Sequence[int], special: Collection[int]) -> None:
    """Refuse a model that has no tokens for a plain Korean line.

    Args:
        ids: of `LINE`.
        special: ids of tokens that are no words: unknown, padding and the like.

    Raises:
        ModelMissing: fewer tokens than two for three words are known and different.
    """
    words = len(LINE.split())
    known = len(set(ids) - set(special))
    if 3 * known < 2 * words:
        raise ModelMissing(
            f"{model} reads {LINE!r} as unknown tokens ({known} known ones for {words} words): its tokenizer "
            "is not the one that `transformers` makes of the folder. Put a tokenizer.json with its rules into "
            'the folder and "tokenizer_class": "PreTrainedTokenizerFast" into tokenizer_config.json, or name a '
            "model whose vocabulary is Korean"
        )


def check_tokenizer(model: str, tokenizer: Any, written: Path | None) -> None:
    """Refuse a tokenizer that does not read Korean, or not as its own file says.

    Args:
        tokenizer: of `transformers`.
        written: the model's `tokenizer.json`, if it has one.

    Raises:
        ModelMissing: the message says what to change.
    """
    if written is not None:
        own = Tokenizer.from_file(str(written))
        for line in LINES:
            wanted = own.encode(line, add_special_tokens=False).ids
            if tokenizer(line, add_special_tokens=False).input_ids != wanted:
                raise ModelMissing(
                    f"{model}: `transformers` makes a {type(tokenizer).__name__} of it that reads {line!r} "
                    "otherwise than its tokenizer.json does, by which it was trained: put "
                    '"tokenizer_class": "PreTrainedTokenizerFast" into its tokenizer_config.json'
                )
    ids = tokenizer(LINE, add_special_tokens=False).input_ids
    check_korean(model, ids, tokenizer.all_special_ids)
