"""Take a picture of a running service's page with the covers of a song, in Chromium.

python scripts/operations/photograph_page.py --url http://127.0.0.1:8000 --out docs/page.png
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

LYRICS = "노란 풍선 하나 손에 쥐고\n푸른 하늘 위로 날아가고 싶어\n라라라 웃으며 춤추는 오늘"
WAIT_MS = 120_000


def draw(page: Page, url: str) -> None:
    """Ask for covers and wait for them, settled."""
    page.goto(url)
    for field, text in {"#title": "풍선", "#lyrics": LYRICS, "#candidates": "12"}.items():
        page.fill(field, text)
    page.click("#draw")
    page.wait_for_selector(".outcome[data-state=done]", timeout=WAIT_MS)
    page.wait_for_load_state("networkidle")
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="the service")
    parser.add_argument("--out", type=Path, required=True, help="PNG to write")
    parser.add_argument("--language", choices=("en", "ko"), default="en")
    parser.add_argument("--dark", action="store_true", help="in the dark theme")
    options = parser.parse_args(arguments)
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        print("photograph_page: there is no Chromium: install it", file=sys.stderr)
        return 1
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = chromium.new_page(
            viewport={"width": 1440, "height": 1180},
            locale=options.language,
            color_scheme="dark" if options.dark else "light",
            reduced_motion="reduce",
        )
        draw(page, options.url)
        page.screenshot(path=options.out)
        chromium.close()
    print(options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
