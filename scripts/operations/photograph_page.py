"""Take a picture of a running service's page with the covers of a song, in Chromium.

python scripts/operations/photograph_page.py --url http://127.0.0.1:8000 --out docs/page.png
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SIZE = (1440, 1180)
WAIT_MS = 120_000
LYRICS = "노란 풍선 하나 손에 쥐고\n푸른 하늘 위로 날아가고 싶어\n라라라 웃으며 춤추는 오늘"


def draw(page: Page, url: str, title: str) -> None:
    """Ask for covers and wait for them, settled."""
    page.goto(url)
    page.fill("#title", title)
    page.fill("#lyrics", LYRICS)
    page.fill("#candidates", "12")
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
    parser.add_argument("--title", default="풍선", help="of the song")
    args = parser.parse_args(arguments)
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print("photograph_page: there is no Chromium: install it", file=sys.stderr)
        return 1
    width, height = SIZE
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = chromium.new_page(
            viewport={"width": width, "height": height},
            locale=args.language,
            color_scheme="dark" if args.dark else "light",
            reduced_motion="reduce",
        )
        draw(page, args.url, args.title)
        page.screenshot(path=args.out)
        chromium.close()
    print(args.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
