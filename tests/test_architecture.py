"""The arrows of the design: who may import whom."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CORE = "songdalle_core"
SERVING = {"ray", "fastapi", "starlette", "uvicorn", "aiohttp", "flask", "django"}
STAGES = (
    "lyrics",
    "summarization",
    "translation",
    "sentiment",
    "imagegen",
    "reranking",
    "policy",
    "songs",
)
SHARED = {
    "hangul",
    "hours",
    "normal_form",
    "pasted",
    "morphology",
    "moods",
    "artifacts",
    "wordsets",
    "captions",
    "pretrained",
    "retry_after",
    "seeds",
    "vocabularies",
}
HTTP_CLIENT = f"{CORE}/songs/fetching.py"
GPL = {"soynlp": {"songdalle_core/lyrics/soynlp_spacing.py"}}


def files(*folders: str) -> list[Path]:
    """Python files below folders of the project."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def imports(source: str, package: str = "") -> set[str]:
    """Full names of the modules a file imports, inside functions as well."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parts, *([base] if base else [])])
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return found


def imported(path: Path) -> set[str]:
    """`imports` of a file of the project."""
    package = ".".join(path.relative_to(ROOT).parent.parts)
    return imports(path.read_text(encoding="utf-8"), package)


def tops(path: Path) -> set[str]:
    """Top-level packages that a file imports."""
    return {name.partition(".")[0] for name in imported(path)}


def offenders(paths: list[Path], forbidden: set[str]) -> Iterator[str]:
    """Files among `paths` that import a forbidden package."""
    for path in paths:
        for name in sorted(tops(path) & forbidden):
            yield f"{path.relative_to(ROOT)} imports {name}"


def test_every_kind_of_import_is_seen() -> None:
    source = "import a.b\nfrom c import d\ndef f():\n    from .e import g\n    from .. import h\n"
    seen = imports(source, "p.q")
    assert seen >= {"a.b", "c", "c.d", "p.q.e", "p.q.e.g", "p", "p.h"}


def test_there_is_something_to_check() -> None:
    assert len(files(CORE)) > 20
    assert len(files("deployments")) > 10


def test_the_core_knows_no_server() -> None:
    forbidden = SERVING | {"deployments", "scripts", "loadtests", "songdalle_client"}
    assert list(offenders(files(CORE), forbidden)) == [f"{HTTP_CLIENT} imports aiohttp"]


def test_the_client_stands_alone() -> None:
    """It is installed where there is no server: it must not need one, nor the models' libraries."""
    assert len(files("songdalle_client")) > 5
    forbidden = {"ray", "fastapi", "torch", "transformers", "numpy", CORE}
    forbidden |= {"deployments", "scripts", "loadtests"}
    assert list(offenders(files("songdalle_client"), forbidden)) == []


def import_graph(package: str, depth: int) -> dict[str, set[str]]:
    """The modules of a package, or with a depth of 2 its rooms, each with those it imports."""
    modules = {".".join(p.relative_to(ROOT).with_suffix("").parts): p for p in files(package)}
    graph: dict[str, set[str]] = {}
    for module, path in modules.items():
        room = ".".join(module.split(".")[:depth])
        others = {".".join(name.split(".")[:depth]) for name in imported(path) & set(modules)}
        graph[room] = graph.get(room, set()) | (others - {room})
    return graph


@pytest.mark.parametrize(
    ("package", "depth"), [("songdalle_client", 9), ("loadtests", 9), ("loadtests", 2)]
)
def test_imports_have_no_circle(package: str, depth: int) -> None:
    graph = import_graph(package, depth)
    assert sum(map(len, graph.values())) > 5
    TopologicalSorter(graph).prepare()  # raises CycleError


def test_a_circle_is_an_error() -> None:
    with pytest.raises(CycleError):
        TopologicalSorter({"a": {"b"}, "b": {"a"}}).prepare()


def test_scripts_and_load_tests_do_not_import_deployments() -> None:
    assert list(offenders(files("scripts", "loadtests"), {"deployments"})) == []


def test_deployments_import_no_scripts() -> None:
    assert list(offenders(files("deployments"), {"scripts", "loadtests", "tests"})) == []


@pytest.mark.parametrize("stage", STAGES)
def test_a_package_of_the_core_imports_no_other(stage: str) -> None:
    others = {f"{CORE}.{name}" for name in STAGES if name != stage}
    top_level = {p.stem for p in (ROOT / CORE).glob("*.py")} - SHARED - {"__init__"}
    others |= {f"{CORE}.{name}" for name in top_level}
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files(f"{CORE}/{stage}")
        for name in sorted(imported(path))
        if any(name == other or name.startswith(f"{other}.") for other in others)
    ]
    assert wrong == []


def test_shared_modules_import_no_package_of_the_core() -> None:
    packages = tuple(f"{CORE}.{stage}" for stage in STAGES)
    for name in SHARED:
        paths = files(f"{CORE}/{name}") or [ROOT / CORE / f"{name}.py"]
        modules = set().union(*map(imported, paths))
        assert not [module for module in modules if module.startswith(packages)], name


def test_gpl_imports_stay_in_their_file() -> None:
    for package, allowed in GPL.items():
        found = {
            str(path.relative_to(ROOT))
            for path in files(CORE, "deployments", "scripts", "loadtests")
            if package in tops(path)
        }
        assert found == allowed


def test_the_builder_has_real_annotations() -> None:
    """Ray reads the builder's annotation; as a string it would let unchecked args through."""
    assert "annotations" not in {
        name.rpartition(".")[2] for name in imported(ROOT / "deployments" / "app.py")
    }


TORCH = {"torch", "transformers", "sentencepiece"}
PRETRAINED = {
    "summarization/kobart.py",
    "translation/seq2seq.py",
    "translation/marian.py",
    "translation/nllb.py",
    "sentiment/encoder.py",
    "sentiment/kobert.py",
}
"""Files of the text stages that run published transformers."""


def test_text_stages_leave_torch_alone() -> None:
    """A replica that only handles text should not pay for torch: half a gigabyte and seconds."""
    text = [f"{CORE}/{stage}" for stage in ("lyrics", "summarization", "translation", "sentiment")]
    heavy = {ROOT / CORE / name for name in PRETRAINED}
    light = [path for path in files(*text) if path not in heavy]
    assert len(light) == len(files(*text)) - len(heavy)
    assert list(offenders(light, TORCH)) == []
    modules = {f"{CORE}.{name.removesuffix('.py').replace('/', '.')}" for name in PRETRAINED}
    for path in light:
        assert not imported(path) & (modules | {f"{CORE}.pretrained"}), path


def test_embedded_text_stages_import_no_torch() -> None:
    """Nor does anything that their deployments import before a published model is chosen."""
    modules = ", ".join(
        f"deployments.{n}"
        for n in ("stages.summarizer", "stages.translator", "stages.sentiment", "app")
    )
    code = f"import sys, {modules}; print(sorted({TORCH} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.strip() == "[]"


LEVELS: tuple[set[str], ...] = (
    {"app"},
    {"api"},
    {"jobs"},
    {"pipeline", "stages"},
    {"storage"},
    {"telemetry"},
    {"contract"},
    {"config"},
)
"""Rooms of `deployments/`, from the graph down: a room imports those below it only."""


def rooms() -> dict[str, set[str]]:
    """Each room of `deployments/` with the other rooms it imports."""
    arrows: dict[str, set[str]] = {name: set() for level in LEVELS for name in level}
    for path in files("deployments"):
        room = path.relative_to(ROOT / "deployments").parts[0].removesuffix(".py")
        for name in imported(path):
            top, _, rest = name.partition(".")
            if top == "deployments" and rest and rest.partition(".")[0] != room:
                arrows.setdefault(room, set()).add(rest.partition(".")[0])
    arrows.pop("__init__", None)
    return arrows


def test_deployments_have_rooms_and_nothing_beside_them() -> None:
    assert set(rooms()) == {name for level in LEVELS for name in level}


def test_imports_between_rooms_go_down_only() -> None:
    height = {name: -depth for depth, level in enumerate(LEVELS) for name in level}
    wrong = [
        f"{room} imports {other}"
        for room, others in rooms().items()
        for other in sorted(others)
        if height[other] >= height[room]
    ]
    assert wrong == []


def test_only_the_api_knows_a_web_framework() -> None:
    paths = [path for path in files("deployments") if "api" not in path.parts]
    assert list(offenders(paths, {"fastapi", "starlette"})) == []


IMAGEGEN = f"{CORE}/imagegen"
ORDER = ("denoisers", "engine", "runtimes", "model")
"""Rooms of the image generation, from the top: a room imports itself and those below it."""


@pytest.mark.parametrize("room", ORDER)
def test_a_room_of_image_generation_imports_no_higher_one(room: str) -> None:
    above = ORDER[: ORDER.index(room)]
    package = IMAGEGEN.replace("/", ".")
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files(f"{IMAGEGEN}/{room}")
        for name in sorted(imported(path))
        if name.startswith(tuple(f"{package}.{other}." for other in above))
    ]
    assert wrong == []


def test_image_generation_has_these_rooms_and_nothing_beside_them() -> None:
    rooms = {path.relative_to(ROOT / IMAGEGEN).parts[0] for path in files(IMAGEGEN)}
    assert rooms == {*ORDER, "__init__.py"}


def test_only_denoisers_and_their_benchmark_import_diffusers() -> None:
    """It takes seconds and is an extra: a service of codes runs without."""
    importers = [path for path in files(CORE, "deployments") if "diffusers" in tops(path)]
    assert importers
    outside = [p for p in importers if f"{IMAGEGEN}/denoisers" not in p.as_posix()]
    assert outside == []
