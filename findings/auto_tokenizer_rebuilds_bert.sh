#!/usr/bin/env bash
# transformers 5.23.0: AutoTokenizer does not read a BERT folder by the rules of its tokenizer.json.
#
# A guess: where a folder has a tokenizer.json, the tokenizer is that file, normaliser included, as it was with the
# fast tokenizers of version 4; tokenizer_config.json at most adds names of special tokens.
# Seen: the class takes the vocabulary out of the file and makes a normaliser of its own, by default a lower-casing
# one that strips accents, which parts Hangul into letters. A Korean line that the file alone reads whole comes out
# as [UNK], word by word, with no warning. "tokenizer_class": "PreTrainedTokenizerFast" reads the file as it is.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install 'transformers==5.23.0' 'tokenizers==0.23.3'
cat > "$folder/show.py" <<'PYTHON'
import json
import sys
from pathlib import Path

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from transformers import AutoTokenizer

folder = Path(sys.argv[1])
line = "푸른 바다"
vocabulary = {word: n for n, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "푸른", "바다"])}
own = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
own.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=False)
own.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
own.save(str(folder / "tokenizer.json"))
(folder / "config.json").write_text(json.dumps({"model_type": "bert"}))


def read(name: str) -> list[str]:
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": name}))
    tokenizer = AutoTokenizer.from_pretrained(folder, unk_token="[UNK]")
    return tokenizer.convert_ids_to_tokens(tokenizer(line, add_special_tokens=False).input_ids)


file, automatic, fast = own.encode(line).tokens, read("BertTokenizer"), read("PreTrainedTokenizerFast")
print("tokenizer.json", file, "BertTokenizer", automatic, "PreTrainedTokenizerFast", fast)
assert file == fast == ["푸른", "바다"]
assert automatic == ["[UNK]", "[UNK]"], "the folder's own rules are kept now"
PYTHON
mkdir "$folder/model"
HF_HUB_OFFLINE=1 "$folder/venv/bin/python" "$folder/show.py" "$folder/model" 2> "$folder/errors" || { cat "$folder/errors" >&2; exit 1; }
echo "as described: BertTokenizer lower-cases and strips, whatever tokenizer.json says"
