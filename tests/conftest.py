"""What every test lives under: no network beyond this machine, and honesty about what could not be tried.

Markers name what a test needs (`chromium`, `postgresql`, `root`). Where that is missing the test is skipped, and the
last line of the run says so; with HINOMI_CI=1 (as `.ci/run` sets it) it fails instead.
"""

import functools
import ipaddress
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent.parent
IN_CI = bool(os.environ.get("HINOMI_CI"))

# A slow machine is no reason to fail; what was found is printed so that it can be repeated elsewhere.
hypothesis.settings.register_profile("hinomi", deadline=None, print_blob=True)
hypothesis.settings.load_profile("hinomi")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--regen` is for golden files and generated pages; the difference is read in review."""
    parser.addoption("--regen", action="store_true", help="rewrite golden files instead of comparing with them")


# --------------------------------------------------------------------------------------------- what a machine may lack


@functools.cache
def chromium() -> str | None:
    """Path of Debian's chromium, or None."""
    return shutil.which("chromium")


@functools.cache
def postgresql() -> Path | None:
    """The folder of PostgreSQL's server programs (Debian keeps them off the PATH), or None."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name), reverse=True
    )
    on_path = shutil.which("initdb")
    folders += [Path(on_path).parent] if on_path else []
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "pg_ctl").exists()), None)


def _missing_chromium() -> str:
    if chromium() is None:
        return "chromium is not installed (apt-get install chromium fonts-noto-cjk)"
    if not any(Path("/usr/share/fonts").rglob("NotoSansCJK*")):
        return "no Japanese font is installed (apt-get install fonts-noto-cjk)"
    return ""


def _missing_postgresql() -> str:
    return "" if postgresql() else "PostgreSQL is not installed (apt-get install postgresql)"


def _missing_root() -> str:
    return "" if os.geteuid() == 0 else "not run as root"


NEEDS: dict[str, Callable[[], str]] = {
    "chromium": _missing_chromium,
    "postgresql": _missing_postgresql,
    "root": _missing_root,
}
LEFT_OUT: dict[str, int] = {}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose tool is missing, before any of its fixtures is made."""
    for need, missing in NEEDS.items():
        reason = missing() if item.get_closest_marker(need) else ""
        if reason and IN_CI:
            pytest.fail(f"{reason}, and under HINOMI_CI nothing is left out", pytrace=False)
        if reason:
            LEFT_OUT[need] = LEFT_OUT.get(need, 0) + 1
            pytest.skip(reason)


class _FromWorkers:
    """Adds up what the workers of pytest-xdist left out."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        for need, count in getattr(node, "workeroutput", {}).get("left_out", {}).items():
            LEFT_OUT[need] = LEFT_OUT.get(need, 0) + count


def pytest_configure(config: pytest.Config) -> None:
    """Listen to the workers, where there are any."""
    config.pluginmanager.register(_FromWorkers(), "hinomi-left-out")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, None, None]:
    """The last line of all, after pytest's own summary: what was left out for want of a tool."""
    if hasattr(session.config, "workeroutput"):  # told before xdist's own hook sends it
        session.config.workeroutput["left_out"] = LEFT_OUT
    yield
    if hasattr(session.config, "workeroutput"):
        return
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or session.config.option.collectonly:
        return
    words = ", ".join(f"{need} ({count} {'test' if count == 1 else 'tests'})" for need, count in LEFT_OUT.items())
    reporter.write_line(f"left out for want of: {words}" if words else "left out for want of a tool: nothing")


# ------------------------------------------------------------------------------------------------------------- network


class NetworkUsed(AssertionError):
    """A test reached for something that is not on this machine."""


def _stays_here(address: object) -> bool:
    """Whether an address of a socket is on this machine: a path (AF_UNIX), or loopback."""
    if not isinstance(address, tuple):
        return True
    host = str(address[0]).partition("%")[0]
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return host in {"", "localhost"}
    return found.is_loopback or found.is_unspecified


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Refuse connections, datagrams and look-ups of names that leave this machine."""

    def guarded(name: str) -> Callable[..., Any]:
        original: Callable[..., Any] = getattr(socket.socket, name)

        @functools.wraps(original)
        def call(self: socket.socket, *arguments: Any) -> Any:
            address = arguments[-1]
            if self.family in {socket.AF_INET, socket.AF_INET6} and not _stays_here(address):
                raise NetworkUsed(f"{name} to {address!r}: tests have no network beyond loopback")
            return original(self, *arguments)

        return call

    look_up = socket.getaddrinfo

    def getaddrinfo(host: Any, *arguments: Any, **named: Any) -> Any:
        text = host.decode() if isinstance(host, bytes) else host
        if text is not None and not _stays_here((text,)):
            raise NetworkUsed(f"look-up of {text!r}: tests have no network beyond loopback")
        return look_up(host, *arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, guarded(name))
        patch.setattr(socket, "getaddrinfo", getaddrinfo)
        yield


# --------------------------------------------------------------------------------------------------- what tests ask for


@pytest.fixture(scope="session")
def regen(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be rewritten."""
    return bool(request.config.getoption("--regen"))


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where chromium is, for `playwright`'s `executable_path`. For tests marked `chromium`."""
    path = chromium()
    assert path is not None, "mark the test: @pytest.mark.chromium"
    return path


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A PostgreSQL cluster for this run, reached by its socket only. For tests marked `postgresql`.

    The cluster belongs to the user `postgres` where the tests run as root (PostgreSQL refuses root), and vanishes.
    """
    programs = postgresql()
    assert programs is not None, "mark the test: @pytest.mark.postgresql"
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    # Not pytest's tmp_path: PostgreSQL's user can't enter it, and the path of a socket is limited to 107 bytes.
    with tempfile.TemporaryDirectory(prefix="hinomi-pg-") as name:
        home = Path(name)
        if user:
            shutil.chown(home, "postgres")
        data = home / "data"

        def run(program: str, *arguments: str) -> None:
            command = [*user, str(programs / program), *arguments]
            subprocess.run(command, check=True, cwd=home, stdout=subprocess.DEVNULL, env={"PATH": os.environ["PATH"]})

        run("initdb", "-D", str(data), "-U", "hinomi", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories={home} -c fsync=off"
        run("pg_ctl", "-D", str(data), "-w", "-l", str(home / "log"), "-o", options, "start")
        try:
            yield f"postgresql+psycopg://hinomi@/postgres?host={home}"
        finally:
            run("pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")
