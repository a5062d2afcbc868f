"""Install Debian packages that the tests need and that are missing: a browser, say, or a database server.

    python3 scripts/operations/install_debian.py chromium fonts-noto-cjk

Nothing is done when all are there. Like setup_environment.py it runs before anything else is installed.
"""

import argparse
import os
import shutil
import subprocess
import sys

LIMIT_S = 900
LOCK_S = 300
"""How long to wait for another apt-get."""


class InstallError(Exception):
    """A reason to stop that the person at the terminal can act on."""


def missing(packages: "list[str]") -> "list[str]":
    """Return those of the packages that are not installed.

    Raises:
        InstallError: the system is not of Debian's family.
    """
    if shutil.which("dpkg-query") is None:
        raise InstallError(f"this is no Debian or Ubuntu: install {' '.join(packages)} your way")
    return [package for package in packages if not is_installed(package)]


def is_installed(package: str) -> bool:
    """Say whether dpkg has the package in full."""
    answer = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${db:Status-Status}", package],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=60,
    )
    return answer.returncode == 0 and answer.stdout.strip() == b"installed"


def install(packages: "list[str]") -> None:
    """Install packages, without those that are only recommended.

    Raises:
        InstallError: there is no right to, or apt-get fails (its reason has been shown).
    """
    wanted = " ".join(packages)
    if os.geteuid() != 0:
        raise InstallError(f"missing: run sudo apt-get install --no-install-recommends {wanted}")
    print(f"Installing {wanted}", flush=True)
    apt = ["apt-get", "--quiet", "--yes", "-o", f"DPkg::Lock::Timeout={LOCK_S}"]
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--no-install-recommends", *packages]):
        try:
            done = subprocess.run([*apt, *command], env=env, timeout=LIMIT_S)
        except subprocess.TimeoutExpired:
            raise InstallError(f"apt-get {command[0]} took longer than {LIMIT_S} s") from None
        if done.returncode != 0:
            raise InstallError(f"apt-get {command[0]} failed: its reason is above")


def main(argv: "list[str] | None" = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("packages", nargs="+", metavar="PACKAGE")
    options = parser.parse_args(argv)
    try:
        absent = missing(options.packages)
        if absent:
            install(absent)
    except InstallError as error:
        print(f"install_debian: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
