"""The page's routes: right files, strict headers, cheap second visits."""

from __future__ import annotations

import re
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from deployments.api.page import FOLDER, include_page

EXTERNAL = re.compile(r"""(?:https?:)?//(?!www\.w3\.org/(?:2000/svg|)|html\.spec)[\w.-]+\.\w+""")
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", re.IGNORECASE)
FILES = sorted(path for path in FOLDER.rglob("*") if path.is_file())


@pytest.fixture
def client() -> TestClient:
    app = FastAPI()
    include_page(app)
    return TestClient(app)


def directives(response: httpx2.Response) -> dict[str, str]:
    policy = response.headers["content-security-policy"]
    return dict(part.strip().split(" ", 1) for part in policy.split(";"))


@pytest.mark.parametrize("path", ["/", "/web/app.js", "/web/styles/base.css", "/web/icon.svg"])
def test_every_answer_has_the_headers(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    policy = directives(answer)
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert not re.search("unsafe|http|[*]", answer.headers["content-security-policy"])
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_types_are_what_browsers_insist_on(client: TestClient) -> None:
    kinds = {"/": "text/html", "/web/app.js": "text/javascript", "/web/icon.svg": "image/svg+xml"}
    for path, kind in kinds.items():
        assert client.get(path).headers["content-type"].startswith(kind)


@pytest.mark.parametrize("path", ["/", "/web/app.js"])
def test_an_unchanged_file_costs_a_304(client: TestClient, path: str) -> None:
    first = client.get(path)
    assert first.headers["cache-control"] == "no-cache"
    again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "content-security-policy" in again.headers


@pytest.mark.parametrize(
    "path", ["/web/../api.py", "/web/%2e%2e/api.py", "/web/..%2fapi.py", "/web/", "/web/none.js"]
)
def test_nothing_else_is_served(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_page_is_no_part_of_the_api(client: TestClient) -> None:
    assert client.get("/openapi.json").json()["paths"] == {}
    assert client.head("/").status_code == 200
    assert client.post("/").status_code == 405


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_files_name_no_other_host(path: Path) -> None:
    assert EXTERNAL.findall(path.read_text(encoding="utf-8")) == []


def test_the_page_has_nothing_inline() -> None:
    assert INLINE.findall((FOLDER / "index.html").read_text(encoding="utf-8")) == []
    assert INLINE.search("<script>")
    assert INLINE.search('<p onclick="x">')


def test_what_the_page_names_is_there() -> None:
    html = (FOLDER / "index.html").read_text(encoding="utf-8")
    named = re.findall(r'(?:src|href)="web/([^"]+)"', html)
    assert len(named) > 5
    assert [name for name in named if not (FOLDER / name).is_file()] == []


def test_no_file_names_an_absolute_path() -> None:
    """The page may lie below a prefix: what is named from its root is not there."""
    absolute = re.compile(
        r"""(?:src|href|action)="/|url\(["']?/|import .*["']/|["'`]/(?:web|docs)\b"""
    )
    for path in FILES:
        assert absolute.findall(path.read_text(encoding="utf-8")) == [], path.name
    assert absolute.search('<link href="/web/x.css">')


def texts(language: str) -> dict[str, str]:
    """Name and value, as written, of each text of a language."""
    source = (FOLDER / "texts" / f"{language}.js").read_text(encoding="utf-8")
    entries = re.findall(r'^  (?:"([^"]+)"|(\w+)):\s*(.+?),$', source, re.MULTILINE | re.DOTALL)
    return {quoted or bare: value for quoted, bare, value in entries}


def test_both_languages_say_the_same_things() -> None:
    english, korean = texts("en"), texts("ko")
    assert len(english) > 100
    assert english.keys() == korean.keys()
    for name, value in english.items():
        assert set(re.findall(r"\{(\w+)\}", value)) == set(
            re.findall(r"\{(\w+)\}", korean[name])
        ), name


def test_every_text_that_is_asked_for_exists() -> None:
    sources = [
        path for path in FILES if path.suffix in {".js", ".html"} and "texts" not in path.parts
    ]
    asked = set()
    for path in sources:
        source = path.read_text(encoding="utf-8")
        asked |= set(re.findall(r'data-t(?:-label|-placeholder)?="([^"]+)"', source))
        asked |= set(re.findall(r'\b(?:t|say|announce)\((?:[^"(),]+, )?"([a-z][\w.]+)"', source))
        asked |= set(re.findall(r'\b(?:t|label): \[?"([a-z][\w.]+)"', source))
    assert len(asked) > 80
    assert asked - texts("en").keys() == set()
