#!/usr/bin/env bash
# Ray Serve 2.60.0: a method under @serve.batch has one queue for its class, not one for each instance.
#
# A guess: like an attribute, the queue belongs to the instance, so that two objects of a class in one process
# (models composed in one replica, or two subclasses of one base) gather batches of their own.
# Seen: calls on two instances that come together make one batch, and the batch runs with the `self` of whichever
# call came first: the second object's caller is answered by the first object. A function decorated anew in
# each __init__ has a queue of its own.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install 'ray[serve]==2.60.0'
cat > "$folder/show.py" <<'PYTHON'
import asyncio
from types import SimpleNamespace

from ray import serve

serve.get_replica_context = lambda: SimpleNamespace(
    _deployment_config=SimpleNamespace(max_ongoing_requests=8)
)


class Model:
    def __init__(self, name: str) -> None:
        self.name = name

    @serve.batch(max_batch_size=2, batch_wait_timeout_s=1)
    async def ask(self, items: list[str]) -> list[str]:
        return [f"{self.name} answers {item}" for item in items]


async def main() -> None:
    first, second = Model("first"), Model("second")
    answers = await asyncio.gather(first.ask("a"), second.ask("b"))
    print(answers)
    assert answers == ["first answers a", "first answers b"], "each instance has its own queue now"


asyncio.run(main())
PYTHON
RAY_USAGE_STATS_ENABLED=0 "$folder/venv/bin/python" "$folder/show.py" 2> "$folder/errors" || { cat "$folder/errors" >&2; exit 1; }
echo "as described: a batch of two instances ran on the first one"
