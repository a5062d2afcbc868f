#!/usr/bin/env bash
# safetensors 0.8.0: save_file of safetensors.numpy writes a strided array in the order of its memory.
#
# A guess: a transposed or sliced array is saved as it reads, or refused, as safetensors.torch refuses one.
# Seen: it is written with its shape and the bytes in the order in which they lie in memory, without a word; what
# load_file gives back is another array. np.ascontiguousarray before (np.asarray(x, order="C") where x may be a
# scalar) helps.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install 'safetensors==0.8.0' 'numpy==2.4.6'
cat > "$folder/show.py" <<'PYTHON'
import sys

import numpy as np
from safetensors.numpy import load_file, save_file

wanted = np.arange(6, dtype=np.float32).reshape(2, 3).T
save_file({"turned": wanted, "plain": np.ascontiguousarray(wanted)}, sys.argv[1])
read = load_file(sys.argv[1])
print("wanted", wanted.tolist(), "read", read["turned"].tolist())
assert np.array_equal(read["plain"], wanted)
assert read["turned"].shape == wanted.shape
assert not np.array_equal(read["turned"], wanted), "strided arrays are written as they read now"
PYTHON
"$folder/venv/bin/python" "$folder/show.py" "$folder/a.safetensors"
echo "as described: a transposed array is read back as another one"
