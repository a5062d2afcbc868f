"""scripts/operations/serving/plan.py: reading and changing the config, the port check, the environment."""

import socket
from pathlib import Path

import pytest

from scripts.operations.serving.plan import (
    LaunchError,
    change,
    check_port,
    child_environment,
    read_plan,
)

CONFIG = """
http_options: {host: 127.0.0.1, port: 8010, request_timeout_s: 300}
applications:
- {name: a, route_prefix: /covers/, import_path: "a:build"}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(text)
    return path


def test_reads_where_the_application_answers(tmp_path: Path) -> None:
    plan = read_plan(write(tmp_path, CONFIG))
    assert (plan.host, plan.port, plan.prefix) == ("127.0.0.1", 8010, "/covers")
    assert plan.url == "http://127.0.0.1:8010/covers"


def test_without_http_options_it_serves_this_machine_only(tmp_path: Path) -> None:
    plan = read_plan(write(tmp_path, "applications: [{import_path: 'a:build'}]"))
    assert plan.document["http_options"] == {"host": "127.0.0.1", "port": 8000}


def test_change_keeps_everything_else(tmp_path: Path) -> None:
    before = read_plan(write(tmp_path, CONFIG))
    after = change(before, host="0.0.0.0", port=9000)
    expected = {"host": "0.0.0.0", "port": 9000, "request_timeout_s": 300}
    assert after.document["http_options"] == expected
    assert after.document["applications"] == before.document["applications"]
    assert after.url == "http://127.0.0.1:9000/covers"
    assert before.document["http_options"]["port"] == 8010


@pytest.mark.parametrize(
    ("host", "bare", "url"),
    [
        ("::1", "::1", "http://[::1]:9000/covers"),
        ("[::1]", "::1", "http://[::1]:9000/covers"),
        ("fd00::2", "fd00::2", "http://[fd00::2]:9000/covers"),
        ("[::]", "::", "http://127.0.0.1:9000/covers"),
        ("::", "::", "http://127.0.0.1:9000/covers"),
        ("::ffff:127.0.0.1", "::ffff:127.0.0.1", "http://[::ffff:7f00:1]:9000/covers"),
        ("localhost", "localhost", "http://localhost:9000/covers"),
        ("10.0.0.7", "10.0.0.7", "http://10.0.0.7:9000/covers"),
    ],
)
def test_hosts(tmp_path: Path, host: str, bare: str, url: str) -> None:
    plan = change(read_plan(write(tmp_path, CONFIG)), host=host, port=9000)
    assert (plan.host, plan.document["http_options"]["host"], plan.url) == (bare, bare, url)
    written = CONFIG.replace("127.0.0.1", f'"{host}"')
    assert read_plan(write(tmp_path, written)).host == bare


def test_a_link_local_address_keeps_its_interface(tmp_path: Path) -> None:
    plan = change(read_plan(write(tmp_path, CONFIG)), host="[fe80::1%eth0]", port=9000)
    assert plan.host == plan.address == "fe80::1%eth0"
    assert "[fe80::1%" in plan.url


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("applications: [", "not valid YAML"),
        ("hello", "no list `applications`"),
        ("applications: []", "no list `applications`"),
        ("{applications: [{}], http_options: 3}", "must be a mapping"),
        ("{applications: [{}], http_options: {port: abc}}", "number from 1 to 65535, not 'abc'"),
        ("{applications: [{}], http_options: {port: 70000}}", "not 70000"),
    ],
)
def test_bad_configs_are_named_in_one_line(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(LaunchError, match=reason) as caught:
        read_plan(write(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_missing_config(tmp_path: Path) -> None:
    with pytest.raises(LaunchError, match=r"cannot read the config .*No such file"):
        read_plan(tmp_path / "none.yaml")


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_port_in_use(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(LaunchError, match=f"port {port} is in use.*PORT={port + 1}"):
            check_port(host, port)
    check_port(host, port)


@pytest.mark.skipif(not Path("/proc/net/if_inet6").exists(), reason="this machine has no IPv6")
def test_port_in_use_over_ipv6() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
        port = server.getsockname()[1]
        with pytest.raises(LaunchError, match=f"port {port} is in use on ::1"):
            check_port("::1", port)
    check_port("::1", port)
    check_port("::", port)


@pytest.mark.parametrize("host", ["[::1]:9000", "[::1", "2001:db8::77", "::1::"])
def test_ipv6_hosts_that_are_none_of_ours(host: str) -> None:
    with pytest.raises(LaunchError, match="cannot serve on"):
        check_port(host, 8000)


def test_host_that_is_not_ours() -> None:
    with pytest.raises(LaunchError, match=r"cannot serve on 192\.0\.2\.77"):
        check_port("192.0.2.77", 8000)


def test_environment_of_the_child(tmp_path: Path) -> None:
    inherited = {"PATH": "/bin", "RAY_ADDRESS": "10.0.0.1:6379", "PYTHONPATH": "/mine"}
    env = child_environment(inherited, root=Path("/project"), run=tmp_path, data=None)
    assert env["PYTHONPATH"] == "/project:/mine"
    assert env["RAY_TMPDIR"] == str(tmp_path)
    assert "RAY_ADDRESS" not in env, "a cluster that runs already is not joined"
    assert env["RAY_USAGE_STATS_ENABLED"] == "0"
    assert env["RAY_AUTH_MODE"] == "disabled"
    assert env["HF_HUB_OFFLINE"] == "1"
    assert env["RAY_SERVE_PROXY_HEALTH_CHECK_PERIOD_S"] == "2"
    assert env["RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH"] == "deployments.api.proxy:middlewares"
    assert env["PATH"] == "/bin"
    assert "SONGDALLE_DATA" not in env


def test_environment_respects_what_is_set(tmp_path: Path) -> None:
    inherited = {"RAY_AUTH_MODE": "token", "HF_HUB_OFFLINE": "0", "SONGDALLE_DATA": "/old"}
    env = child_environment(inherited, root=Path("/project"), run=tmp_path, data=Path("covers"))
    assert env["RAY_AUTH_MODE"] == "token"
    assert env["HF_HUB_OFFLINE"] == "0"
    assert env["PYTHONPATH"] == "/project"
    assert env["SONGDALLE_DATA"] == str(Path.cwd() / "covers")


@pytest.mark.parametrize(
    ("named", "meant"),
    [("covers", Path.cwd() / "covers"), ("~/covers", Path.home() / "covers"), ("/old", "/old")],
)
def test_the_data_folder_is_the_one_of_the_shell(
    named: str, meant: Path | str, tmp_path: Path
) -> None:
    inherited = {"SONGDALLE_DATA": named}
    env = child_environment(inherited, root=Path("/project"), run=tmp_path, data=None)
    assert env["SONGDALLE_DATA"] == str(meant)
