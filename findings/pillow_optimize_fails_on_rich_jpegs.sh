#!/usr/bin/env bash
# Pillow: a JPEG that is only asked to be smaller (optimize=True) cannot be saved at all if its picture is rich.
#
# Guess: optimize=True chooses better Huffman tables, so that the same picture takes fewer bytes; it cannot fail where
# plain saving works. Seen: it fails. libjpeg-turbo must then write the whole file at once, Pillow gives it a buffer of
# one byte a pixel (two from quality 95 on), and a colour picture at full resolution (subsampling=0) with much detail
# needs more: "Suspension not allowed here", OSError. The same call without optimize works.
set -euo pipefail

PILLOW=13.0.0
FOLDER=$(mktemp -d)
trap 'rm -rf "$FOLDER"' EXIT
python3 -m venv "$FOLDER/venv"
"$FOLDER/venv/bin/pip" --quiet --disable-pip-version-check install "pillow==$PILLOW"

"$FOLDER/venv/bin/python" - <<'PYTHON'
import io
import os
import sys

import PIL
from PIL import Image

print("Pillow", PIL.__version__)
picture = Image.frombytes("RGB", (1500, 1500), os.urandom(1500 * 1500 * 3))


def size(**options: object) -> int | str:
    file = io.BytesIO()
    try:
        picture.save(file, format="JPEG", quality=93, subsampling=0, **options)
    except OSError as error:
        return f"OSError: {error}"
    return file.tell()


plain, optimized = size(), size(optimize=True)
print("optimize=False:", plain, "bytes")
print("optimize=True: ", optimized)
seen = isinstance(plain, int) and isinstance(optimized, str)
print("as described" if seen else "this has changed")
sys.exit(0 if seen else 1)
PYTHON
