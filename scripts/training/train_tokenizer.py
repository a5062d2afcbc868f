"""Train the byte-pair vocabulary that prompts are read with, on captions and the lexicon's English.

    python scripts/training/train_tokenizer.py --art data/art --out songdalle_core/weights/tokenizer.json

Sennrich et al., ACL 2016, arXiv 1508.07909, with an end-of-word mark. Token ids 0 to 3 are
[PAD], [UNK], [BOS] and [EOS].
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from scripts.common import command_line
from scripts.training.scenes import art
from scripts.training.scenes.composer import Composer

SPECIAL = ["[PAD]", "[UNK]", "[BOS]", "[EOS]"]
WORD_END = "</w>"


def corpus(composer: Composer, captions: int, lexicon: Path | None) -> Iterator[str]:
    """Captions of the first scenes, then each English gloss of the lexicon."""
    for seed in range(captions):
        yield composer.caption(seed)
    if lexicon is not None and lexicon.is_file():
        with lexicon.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                if len(row) >= 3 and not row[0].startswith("#"):
                    yield row[2].lower()


def train_tokenizer(lines: Iterator[str], vocab_size: int) -> Tokenizer:
    """A BPE over lower-cased words."""
    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]", end_of_word_suffix=WORD_END))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.BPEDecoder(suffix=WORD_END)
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=SPECIAL,
        end_of_word_suffix=WORD_END,
        initial_alphabet=list("abcdefghijklmnopqrstuvwxyz0123456789'.,-"),
        show_progress=False,
    )
    tokenizer.train_from_iterator(lines, trainer)
    return tokenizer


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command_line.parser(__doc__)
    art.add_arguments(made)
    made.add_argument("--out", type=Path, required=True, help="tokenizer.json to write")
    made.add_argument("--lexicon", type=Path, help="lexicon.tsv, for its English words")
    made.add_argument("--captions", type=int, default=20_000, help="scenes to read captions of")
    made.add_argument("--vocab-size", type=int, default=2048, help="tokens")
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    args = parser().parse_args(arguments)
    composer = Composer(args.art, sets=args.sets)
    tokenizer = train_tokenizer(corpus(composer, args.captions, args.lexicon), args.vocab_size)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(args.out))
    print(f"{args.out}: {tokenizer.get_vocab_size()} tokens")
    return 0


if __name__ == "__main__":
    sys.exit(main())
