"""Folders that look like checkouts of the project and are launched like one, but serve covers at once."""

from __future__ import annotations

import sys
from pathlib import Path

from loadtests.service.launch import ROOT, Checkout

LAUNCHER = """
import argparse, signal, sys, threading
from pathlib import Path

parser = argparse.ArgumentParser()
for name in ("--config", "--port", "--data", "--parent"):
    parser.add_argument(name)
args = parser.parse_args()
sys.path.insert(0, {root!r})
from tests.loadtests.fake_service import FakeService

Path("launched").open("a").write(f"{{args.port}} {{args.data}}\\n")
stop = threading.Event()
signal.signal(signal.SIGINT, lambda *_: stop.set())
with FakeService(["stream"], delay={delay}, port=int(args.port)):
    stop.wait()
"""


def fake_checkout(folder: Path, delay: float) -> Checkout:
    """A checkout whose covers come after `delay` seconds; it notes its ports and data folders in `launched`."""
    checkout = Checkout(folder, Path(sys.executable))
    checkout.launcher.parent.mkdir(parents=True)
    checkout.launcher.write_text(LAUNCHER.format(root=str(ROOT), delay=delay))
    checkout.config.write_text("applications:\n- {name: fake, route_prefix: /}\n")
    return checkout
