from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from scripts.operations import check_config

ROOT = Path(check_config.__file__).parents[2]
DEFAULT = ROOT / "serve_config.yaml"


def checked(*configs: Path) -> subprocess.CompletedProcess[str]:
    """The command, in a process in which no batched method has run: Ray could not bind the graph there."""
    words = [sys.executable, check_config.__file__, *map(str, configs)]
    return subprocess.run(words, capture_output=True, text=True, timeout=180)


def test_the_projects_own_configs_have_no_faults() -> None:
    configs = [DEFAULT, *sorted(ROOT.glob("deploy/*serve*.yaml"))]
    result = checked(*configs)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.count("no faults") == len(result.stdout.splitlines()) == len(configs)


CHANGES = [
    (
        "  port: 8000",
        "  ports: 8000",
        "http_options.ports: Ray has no such key and drops it without",
    ),
    (
        "proxy_location: EveryNode",
        "proxy_location: Every",
        "proxy_location: Input should be 'Disab",
    ),
    ("  upscale: 2", "  upscal: 2", "args: upscal: there is no such key; is it upscale?"),
    (
        "  - name: Text",
        "  - name: Mood",
        "(Mood): there is no such deployment; there are Ingre",
    ),
    (
        "patience_s: 20, min",
        "patience: 20, min",
        "user_config: summarizer: patience: there is no such key; is it",
    ),
    (
        "sampling: {}",
        "slots: 5",
        "user_config: generator: slots (5) must be a multiple of width (12)",
    ),
    (
        "sampling: {}",
        "sampling: {guidance: 3}",
        "sampling.guidance: the model was not trained for it",
    ),
    (
        "    user_config:\n      timeouts",
        "    user_config:\n      jobs: {}\n      timeouts",
        "second time",
    ),
    (
        "deployments.app:build",
        "deployments.apps:build",
        "import_path: deployments.apps:build leads no",
    ),
]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What is said of the default config with each change; all by one process, which takes seconds to begin."""
    folder = tmp_path_factory.mktemp("configs")
    text = DEFAULT.read_text("utf-8")
    configs = []
    for number, (old, new, _) in enumerate(CHANGES):
        assert old in text
        configs.append(folder / f"{number}.yaml")
        configs[-1].write_text(text.replace(old, new, 1), "utf-8")
    result = checked(*configs)
    assert (result.returncode, result.stderr) == (1, "")
    lines = [line.split(": ", 1) for line in result.stdout.splitlines()]
    assert len(lines) == len(CHANGES), "one fault a change"
    return {Path(config).stem: fault for config, fault in lines}


@pytest.mark.parametrize("number", range(len(CHANGES)))
def test_a_slip_is_named(number: int, told: dict[str, str]) -> None:
    assert CHANGES[number][2] in told[str(number)]


def test_other_applications_are_checked_as_far_as_they_tell(tmp_path: Path) -> None:
    """One that is no project of ours: a plain builder, a deployment without `user_config`, code elsewhere."""
    module = tmp_path / "plain_app.py"
    module.write_text(
        "from ray import serve\n@serve.deployment\nclass Plain:\n    pass\n"
        "def build(args):\n    return Plain.bind()\napp = Plain.bind()\n"
    )
    plain = {"name": "Plain", "user_config": {"a": 1}}
    applications = [
        {"name": "a", "import_path": "plain_app:build", "deployments": [plain]},
        {"name": "b", "import_path": "plain_app:app", "route_prefix": "/b"},
        {"name": "c", "import_path": "no.where:at_all", "route_prefix": "/c"},
    ]
    applications[2]["runtime_env"] = {"working_dir": "https://example.org/code.zip"}
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump({"applications": applications}))
    words = [sys.executable, check_config.__file__, str(config)]
    env = {"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    result = subprocess.run(words, env=env, capture_output=True, text=True, timeout=180)
    (line,) = result.stdout.splitlines()
    assert line.endswith(
        "deployments[0] (Plain).user_config: there is nothing to tune here: leave it out"
    )


def test_a_file_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check_config.main([str(tmp_path / "none.yaml")]) == 2
    assert "cannot read the config" in capsys.readouterr().err


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        check_config.main(["--help"])
    assert end.value.code == 0
    assert "Exit codes" in capsys.readouterr().out
