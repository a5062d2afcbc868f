"""A PostgreSQL server of the tests' own, where its programs are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

DEBIAN = Path("/usr/lib/postgresql")


def programs() -> Path | None:
    """The folder of initdb and pg_ctl, of the newest version that is there."""
    folders = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    initdb = shutil.which("initdb")
    if folders:
        return folders[-1].parent
    return Path(initdb).resolve().parent if initdb else None


@contextmanager
def postgresql() -> Iterator[str]:
    """URL of a new server, reached through a socket in its own folder; stopped and deleted at the end.

    PostgreSQL refuses to run as root, which it then runs as the user "nobody" or "postgres".
    """
    folder = programs()
    assert folder is not None, "PostgreSQL is not installed (Debian: apt install postgresql)"
    with tempfile.TemporaryDirectory(prefix="pg", dir="/tmp") as home:
        user = _user()
        if user:
            shutil.chown(home, user)
        data = f"{home}/data"

        def run(program: str, *arguments: str) -> None:
            command = [str(folder / program), *arguments]
            subprocess.run(
                command, user=user, check=True, cwd=home, timeout=120, stdout=subprocess.DEVNULL
            )

        run("initdb", "-D", data, "-U", "songdalle", "-A", "trust", "-E", "UTF8", "--no-sync")
        settings = f"-c listen_addresses= -c unix_socket_directories={home} -c fsync=off"
        run("pg_ctl", "-D", data, "-o", settings, "-l", f"{home}/log", "-w", "start")
        try:
            yield f"postgresql://songdalle@/postgres?host={home}"
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


def pgbouncer_program() -> str | None:
    """Where PgBouncer is; Debian puts it where only root looks."""
    return shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")


@contextmanager
def pgbouncer(url: str) -> Iterator[str]:
    """URL of a PgBouncer that pools transactions over few connections to the server at `url`."""
    program = pgbouncer_program()
    assert program is not None, "PgBouncer is not installed (Debian: apt install pgbouncer)"
    server = url.partition("host=")[2]
    with tempfile.TemporaryDirectory(prefix="pgb", dir="/tmp") as home:
        user = _user()
        Path(home, "users").write_text('"songdalle" ""\n')
        Path(home, "settings").write_text(
            f"""[databases]
* = host={server}
[pgbouncer]
pool_mode = transaction
default_pool_size = 3
listen_addr =
listen_port = 6432
unix_socket_dir = {home}
auth_type = trust
auth_file = {home}/users
"""
        )
        for path in (Path(home), *Path(home).iterdir()):
            if user:
                shutil.chown(path, user)
        pooler = subprocess.Popen([program, "-q", f"{home}/settings"], user=user, cwd=home)
        pooled = url.replace(server, f"{home}&port=6432")
        try:
            _await(pooled)
            yield pooled
        finally:
            pooler.terminate()
            pooler.wait(timeout=30)


def _await(url: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def restart(url: str) -> None:
    """Stop a server of `postgresql` as if it crashed, and start it again with the same settings."""
    folder = programs()
    assert folder is not None
    home = url.partition("host=")[2]
    command = [folder / "pg_ctl", "-D", f"{home}/data", "-m", "immediate", "-l", f"{home}/log"]
    subprocess.run(
        [*map(str, command), "-w", "restart"],
        user=_user(),
        check=True,
        cwd=home,
        timeout=120,
        stdout=subprocess.DEVNULL,
    )


def _user() -> str | None:
    if os.geteuid() != 0:
        return None
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
