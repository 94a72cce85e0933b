"""The other measure of `hinomi bench parse`: Debian's syslog-ng with its own parser for the format, to JSON in a file.

A format of which it has no parser of its own (Squid, BIND, Postfix, YAMAHA) is read by expressions that name what
Hinomi reads, the lines that come most often first.

syslog-ng reads the text from a pipe, since it follows files without end. What its parser gives is written as JSON:
the counterpart of typed columns in Parquet that it has. So this is no equal output, unlike the loop's: its parsers read
less than Hinomi's (`cisco-parser` the header alone), type nothing, and say neither verdict nor canonical address.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter

from cli._bench_child import Took
from core.errors import HinomiError

PACKAGES = ("syslog-ng-core", "syslog-ng-mod-extra")
_COMBINED = 'apache-accesslog-parser(prefix(".p."));'
PARSERS: Mapping[str, str] = {
    "apache": f"parser {{ {_COMBINED} }};",
    "nginx": f"parser {{ syslog-parser(); }}; parser {{ {_COMBINED} }};",
    "fortinet_fortigate": 'parser { kv-parser(prefix(".p.")); };',
    "squid": (
        "parser { regexp-parser(patterns('^(?<time>\\d+\\.\\d+) +(?<took>\\d+) (?<ip>\\S+) (?<result>\\S+) "
        "(?<size>\\d+) (?<method>\\S+) (?<url>\\S+) (?<user>\\S+) (?<way>\\S+) (?<kind>\\S+)$') prefix('.p.')); };"
    ),
    "bind": (
        "parser { regexp-parser(patterns('^(?<at>\\S+ \\S+) (?<category>[a-z-]+): (?<level>\\w+): client (?:@\\S+ )?"
        "(?<ip>[0-9A-Fa-f.:]+)#(?<port>\\d+) \\((?<asked>[^)]*)\\): query: (?<name>\\S+) (?<class>\\w+) (?<type>\\w+) "
        "(?<flags>\\S+) \\((?<server>[^)]*)\\)$') prefix('.p.')); };"
    ),
    "postfix": (
        "parser { syslog-parser(); }; parser { regexp-parser(patterns("
        "'^(?<verb>connect|disconnect) from (?<host>[^\\[]*)\\[(?<ip>[^\\]]*)\\](?<more>.*)$', "
        "'^(?<queue>[0-9A-Za-z]+): to=<(?<to>[^>]*)>, relay=(?<relay>(?<host>[^\\[,]*)\\[(?<ip>[^\\]]*)\\]:"
        "(?<port>\\d+)), delay=(?<delay>[\\d.]+), delays=[^,]*, "
        "dsn=(?<dsn>[\\d.]+), status=(?<status>\\w+) \\((?<said>.*)\\)$', "
        "'^(?<queue>[0-9A-Za-z]+): from=<(?<from>[^>]*)>, size=(?<size>\\d+), (?<more>.*)$', "
        "'^(?<queue>[0-9A-Za-z]+): client=(?<host>[^\\[]*)\\[(?<ip>[^\\]]*)\\](?<more>.*)$', "
        "'^(?<queue>[0-9A-Za-z]+): message-id=<(?<id>[^>]*)>$', "
        "'^(?<queue>[0-9A-Za-z]+): (?<verb>removed)$', "
        "'^NOQUEUE: reject: (?<command>[A-Z]+) from (?<host>[^\\[]*)\\[(?<ip>[^\\]]*)\\]: (?<reply>(?<code>\\d{3}) "
        "(?<dsn>[245][\\d.]+) .*); from=<(?<from>[^>]*)> to=<(?<to>[^>]*)> proto=(?<proto>\\S+) helo=<(?<helo>[^>]*)>$'"
        ") prefix('.p.')); };"
    ),
    "yamaha_rtx": (
        "parser { syslog-parser(); }; parser { regexp-parser(patterns("
        "'(?<word>Rejected|Passed) at (?<way>IN|OUT)\\((?<rule>\\w+)\\) filter: (?<protocol>\\w+) (?<src>\\S+) > "
        "(?<dst>\\S+)', "
        "'(?<protocol>TCP|UDP) (?<src>\\S+) > (?<dst>\\S+) \\((?<begun>[^)]*)\\)') prefix('.p.')); };"
    ),
    "paloalto_panos": 'parser { panos-parser(prefix(".p.")); };',
    "cisco_asa": 'parser { cisco-parser(prefix(".p.")); };',
    "juniper_srx": "parser { syslog-parser(flags(syslog-protocol)); };",
    "suricata_eve": 'parser { json-parser(prefix(".p.")); };',
}
"""Format → what a configuration of syslog-ng says of it."""


def found() -> str | None:
    """Where syslog-ng is, or None."""
    return shutil.which("syslog-ng") or shutil.which("syslog-ng", path="/usr/sbin:/usr/local/sbin")


def install() -> None:
    """Install Debian's packages; HinomiError where that is not possible."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        raise HinomiError(f"bench: needs root and Debian's apt-get: apt-get install {' '.join(PACKAGES)}")
    command = [apt, "install", "--yes", "--quiet", "--no-install-recommends", *PACKAGES]
    done = subprocess.run(command, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, check=False)  # noqa: S603 - Debian's own tool
    if done.returncode:
        raise HinomiError(f"bench: apt-get ended with {done.returncode}; what it said stands above")


def configuration(format: str, out: Path) -> str:
    """A configuration that reads standard input, parses, and writes what was read as JSON."""
    return f"""@version: 3.35
@include "scl.conf"
options {{ stats-freq(0); use-dns(no); dns-cache(no); keep-hostname(yes); log-msg-size(1048576); }};
log {{
  source {{ stdin(flags(no-parse) log-iw-size(10000) log-fetch-limit(1000)); }};
  {PARSERS[format]}
  destination {{ file("{out}" template("$(format-json --key .p.* --key .SDATA.* --key HOST --key DATE)\\n")); }};
}};
"""


def read(format: str, path: Path, folder: Path, core: int | None) -> Took:
    """One run of syslog-ng over a file; `lines` says how many it wrote."""
    program = found()
    if program is None:
        raise HinomiError("bench: syslog-ng is not installed; `hinomi bench setup` does it (root, Debian)")
    out = folder / "out"
    (folder / "bench.conf").write_text(configuration(format, out))
    command = [
        program, "--foreground", "--no-caps", "--worker-threads=1", "--cfgfile", str(folder / "bench.conf"),
        *(f"--{name}={folder / name}" for name in ("persist-file", "control", "pidfile")),
    ]  # fmt: skip
    began = perf_counter()
    with path.open("rb") as text, (folder / "said").open("wb") as said:
        feed = subprocess.Popen(["cat"], stdin=text, stdout=subprocess.PIPE)  # noqa: S607 - any cat will do
        process = subprocess.Popen(command, stdin=feed.stdout, stdout=said, stderr=said)  # noqa: S603 - found above
        if core is not None:
            os.sched_setaffinity(process.pid, {core})
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if feed.stdout is not None:
            feed.stdout.close()
        feed.wait()
    wall = perf_counter() - began
    if process.returncode or not out.exists():
        text_ = (folder / "said").read_text("utf-8", "replace").strip().splitlines()
        raise HinomiError(
            f"bench: syslog-ng ended with {process.returncode}: {text_[-1] if text_ else 'without a word'}"
        )
    with out.open("rb") as f:
        lines = sum(block.count(b"\n") for block in iter(lambda: f.read(1 << 20), b""))
    return Took(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * 1024, {"lines": lines})
