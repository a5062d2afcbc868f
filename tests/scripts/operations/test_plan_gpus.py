"""scripts/operations/plan_gpus.py on the shipped configs, and on what may be wrong with a config."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.operations import plan_gpus

ROOT = Path(__file__).resolve().parents[3]
ONE, TWO = ROOT / "deploy/serve_config.gpu.yaml", ROOT / "deploy/serve_config.2gpu.yaml"


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = plan_gpus.main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def changed(
    tmp_path: Path, deployment: str, args: dict[str, Any] | None = None, **values: Any
) -> Path:
    """The config for one GPU with another `args`, and other values of a deployment."""
    document = yaml.safe_load(ONE.read_text())
    (application,) = document["applications"]
    application["args"] |= args or {}
    (entry,) = [d for d in application["deployments"] if d["name"] == deployment]
    gpus = values.pop("num_gpus", None)
    if gpus is not None:
        entry["ray_actor_options"]["num_gpus"] = gpus
    entry |= values
    path = tmp_path / "changed.yaml"
    path.write_text(yaml.safe_dump(document))
    return path


@pytest.mark.parametrize(("config", "gpus"), [(ONE, 1), (TWO, 2)])
def test_the_shipped_configs_fit(
    config: Path, gpus: int, capsys: pytest.CaptureFixture[str]
) -> None:
    code, printed, _ = run(capsys, config, "--gpu-memory", 24, "--gpus", gpus)
    assert code == 0
    assert printed.splitlines()[-1] == "fits"
    assert printed.count("rq-3.9b (bfloat16)") == 1
    assert "never ends" not in printed
    assert [line for line in printed.splitlines() if line.startswith("GPU")][gpus - 1 :]


@pytest.mark.parametrize(
    ("config", "memory", "model"),
    [("open.gpu", 24, "flux2-klein-4b"), ("open.80gb", 80, "qwen-image-2512")],
)
def test_the_configs_of_open_models_fit(
    config: str, memory: int, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = ROOT / f"deploy/serve_config.{config}.yaml"
    code, printed, _ = run(capsys, path, "--gpu-memory", memory)
    assert (code, printed.splitlines()[-1]) == (0, "fits"), printed
    assert f"{model} (bfloat16)" in printed
    assert "never ends" not in printed


def test_smaller_gpus_do_not_do(capsys: pytest.CaptureFixture[str]) -> None:
    code, printed, _ = run(capsys, ONE, "--gpu-memory", 16)
    assert code == 1
    assert re.search(r"Generator needs 12\.\d GB, and num_gpus 0\.56 gives it 9\.0 GB", printed)
    assert printed.splitlines()[-1] == "does not fit"


def test_what_is_suggested_fits(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    _, printed, _ = run(capsys, ONE, "--gpu-memory", 40)
    fractions = dict(re.findall(r"(Colocated|Generator) (0\.\d+)", printed.splitlines()[-2]))
    for name, other in (("Generator", "Colocated"), ("Colocated", "Generator")):
        enough = changed(tmp_path, name, num_gpus=float(fractions[name]))
        assert f"{name} needs" not in run(capsys, enough, "--gpu-memory", 40)[1], other
        less = changed(tmp_path, name, num_gpus=float(fractions[name]) - 0.01)
        assert f"{name} needs" in run(capsys, less, "--gpu-memory", 40)[1]


def test_one_gpu_is_not_two(capsys: pytest.CaptureFixture[str]) -> None:
    code, printed, _ = run(capsys, TWO, "--gpu-memory", 80)
    assert code == 1
    assert "a replica of Generator finds no GPU with room" in printed


def test_a_restart_without_room_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    config = changed(tmp_path, "Generator", max_surge_percent=100)
    code, printed, _ = run(capsys, config, "--gpu-memory", 24)
    assert code == 1
    assert "Generator has max_surge_percent, but no room for 1 more" in printed


def test_the_embedded_models_need_no_gpu(capsys: pytest.CaptureFixture[str]) -> None:
    code, printed, _ = run(capsys, ROOT / "serve_config.yaml", "--gpu-memory", 8)
    assert (code, printed) == (0, f"{ROOT / 'serve_config.yaml'} asks for no GPU: fits\n")


@pytest.mark.parametrize(
    ("deployment", "changes", "message"),
    [
        ("Generator", {"num_gpus": 0}, "num_gpus 0, but device is cuda and its generator"),
        ("Generator", {"num_gpus": 1.5}, "above 1 Ray gives whole GPUs only"),
        ("Preprocess", {"num_gpus": 0.1}, "nothing in it uses a GPU"),
        ("Generator", {"args": {"device": "cpu"}}, "nothing in it uses a GPU"),
        (
            "Generator",
            {"args": {"generator": {"backend": "checkpoint", "folder": "/models/other"}}},
            "'other' is not the name of a published checkpoint",
        ),
    ],
)
def test_what_cannot_be_planned(
    deployment: str,
    changes: dict[str, Any],
    message: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    config = changed(tmp_path, deployment, **changes)
    code, printed, error = run(capsys, config, "--gpu-memory", 24)
    assert (code, printed) == (2, "")
    assert message in error
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize("text", ["[1, 2]", "applications: []", "a: [", "applications: [{}]"])
def test_other_files_are_refused(
    text: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "other.yaml"
    path.write_text(text)
    assert run(capsys, path, "--gpu-memory", 24)[0] == 2
    assert run(capsys, tmp_path / "none.yaml", "--gpu-memory", 24)[0] == 2


@pytest.mark.parametrize(
    "wrong", [["--gpu-memory", "0"], ["--gpu-memory", "24", "--gpus", "0"], []]
)
def test_wrong_options(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        plan_gpus.main([str(ONE), *wrong])
    assert ended.value.code == 2
