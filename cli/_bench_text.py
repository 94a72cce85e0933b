"""Log text for `hinomi bench`: files of a size, generated once, the same bytes each time.

Values are drawn from large pools with a skew, as in life: nothing repeats more than it does there. One line in a
thousand is no line of its format; one address in twenty is IPv6.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.prefecture import PREFECTURE_CODE

Ints = NDArray[np.int64]
Maker = Callable[[np.random.Generator, Ints], list[str]]

START = 1_795_014_000_000_000
"""2026-11-19T00:00:00+09:00: when the first line was written."""
JST = 9 * 3_600_000_000
GAP_US = 40_000
"""Between two lines, on average."""
BLOCK = 40_000
"""Lines that are made at a time."""
MALFORMED = 0.001
SIX = 0.05
BODIES = 40
HOSTS = 2_000
"""Addresses of a body."""
_FIRST = (
    "city town mura shiyakusho kyoiku toshokan suido kenko bosai kosodate zeimu koho kanko sangyo nogyo douro kasen "
    "jutaku fukushi kaigo nenkin hoken byoin shobo gikai senkyo jinji keiri soumu kikaku joho denshi mado sodan annai"
).split()
_SECOND = (
    "news blog static cdn api img login mail update search portal docs map video forum shop bank travel weather train "
    "recruit book music photo game cloud data time sync auth ocsp crl time track ads metrics edge node files store"
).split()
_BROKEN = (
    "java.io.IOException: Connection reset by peer",
    "    at jp.example.log.Forwarder.run(Forwarder.java:118)",
    "\x01\x02\x7f\x03 0x1f8b0800 \x00\x00",
    "%%%% ログの転送に失敗しました",
    "}{",
)


def body_code(number: int) -> str:
    """Code of the nth body of the bench's prefecture."""
    from core.municipalities import code

    return code(f"{PREFECTURE_CODE[:2]}{501 + number}")


@dataclass(frozen=True, slots=True)
class Corpus:
    """A file of text."""

    format: str
    path: Path
    bytes: int
    received: int
    """An instant after all of its lines (µs)."""


def corpus(format: str, megabytes: float, folder: Path | None = None) -> Corpus:
    """The file of a format and size, made if it isn't there yet."""
    from cli import _bench_firewalls, _bench_lines

    maker: Maker = getattr(_bench_lines, format, None) or getattr(_bench_firewalls, format)
    sources = (Path(__file__), Path(_bench_lines.__file__), Path(_bench_firewalls.__file__))
    version = hashlib.sha256(b"".join(f.read_bytes() for f in sources)).hexdigest()[:8]
    folder = folder or Path(tempfile.gettempdir()) / f"hinomi-bench-{os.getuid()}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{format}-{megabytes:g}-{version}.log"
    if not path.exists():
        made = path.with_suffix(f".{os.getpid()}")
        _write(made, maker, round(megabytes * 1e6), seed=sum(format.encode()))
        made.rename(path)
        for older in set(folder.glob(f"{format}-{megabytes:g}-*.log")) - {path}:
            older.unlink(missing_ok=True)
    size = path.stat().st_size
    return Corpus(format, path, size, START + size // 60 * GAP_US + 3_600_000_000)


def _write(path: Path, maker: Maker, size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    at, written = START, 0
    block = BLOCK if size > 5_000_000 else 4_000
    with path.open("wb") as f:
        while written < size:
            times = at + np.cumsum(rng.exponential(GAP_US, block).astype(np.int64))
            at = int(times[-1])
            lines = maker(rng, times)
            for i in np.flatnonzero(rng.random(len(lines)) < MALFORMED).tolist():
                lines[i] = _broken(rng, lines[i])
            text = ("\n".join(lines) + "\n").encode("utf-8", "surrogateescape")
            if written + len(text) > size:
                text = text[: text.find(b"\n", size - written) + 1]
            f.write(text)
            written += len(text)


def _broken(rng: np.random.Generator, line: str) -> str:
    which = int(rng.integers(0, len(_BROKEN) + 2))
    if which < len(_BROKEN):
        return _BROKEN[which]
    # A line torn near its beginning, and one that is no text.
    return line[:9] if which == len(_BROKEN) else "\udc83\udcff\udcfe" + line[:5]


# ------------------------------------------------------------------------------------------------------------- values


def pick(rng: np.random.Generator, pool: Sequence[str], n: int, skew: float = 1.1) -> list[str]:
    """n values of a pool, the first ones more often (0: all alike)."""
    if not skew:
        return [pool[i] for i in rng.integers(0, len(pool), n).tolist()]
    return [pool[i] for i in rng.choice(len(pool), n, p=_weights(len(pool), skew)).tolist()]


@cache
def _weights(size: int, skew: float) -> NDArray[np.float64]:
    weights = 1 / (np.arange(size) + 3.0) ** skew
    made: NDArray[np.float64] = weights / weights.sum()
    return made


@cache
def inside_pool(bodies: int) -> tuple[str, ...]:
    """Terminals of the bodies: 10.16.0.0/16 and on, IPv6 in 2001:db8:N::/48."""
    rng = np.random.default_rng(11)
    made = []
    for body in rng.integers(0, bodies, bodies * HOSTS).tolist():
        low, high = rng.integers(1, 96), rng.integers(1, 255)
        if rng.random() < SIX:
            made.append(f"2001:db8:{body + 1:x}:{low:x}::{high:x}")
        else:
            made.append(f"10.{16 + body}.{low}.{high}")
    return tuple(made)


@cache
def outside_pool() -> tuple[str, ...]:
    """Machines on the Internet, in the ranges that are nobody's."""
    rng = np.random.default_rng(12)
    draws = rng.integers(1, 255, (60_000, 3)).tolist()
    return tuple(
        f"2001:db8:{0x8000 + a:x}::{b:x}:{c:x}" if (a * b + c) % 20 == 0 else f"198.{18 + a % 2}.{b}.{c}"
        for a, b, c in draws
    )


@cache
def hosts() -> tuple[str, ...]:
    """Names of web servers."""
    rng = np.random.default_rng(13)
    made = [
        f"{_SECOND[a]}{b or ''}.{_FIRST[c]}{_SECOND[d]}{e}.example.{t}"
        for a, b, c, d, e, t in zip(
            rng.integers(0, len(_SECOND), 8_000), rng.integers(0, 6, 8_000), rng.integers(0, len(_FIRST), 8_000),
            rng.integers(0, len(_SECOND), 8_000), rng.integers(0, 100, 8_000),
            rng.choice(["com", "net", "org", "co.jp", "ne.jp", "jp"], 8_000), strict=True,
        )
    ]  # fmt: skip
    return tuple(dict.fromkeys(made))


@cache
def domains() -> tuple[str, ...]:
    """Domains of the bodies."""
    return tuple(f"city.{_FIRST[i % len(_FIRST)]}{i}.example.lg.jp" for i in range(BODIES))


@cache
def paths() -> tuple[str, ...]:
    """Paths of pages and their parts."""
    rng = np.random.default_rng(14)
    ends = ("", "index.html", "style.css", "main.js", "logo.png", "photo.jpg", "list.html", "shinsei.pdf")
    made = []
    for depth, a, b, c, end in zip(*(rng.integers(0, m, 12_000).tolist() for m in (3, 37, 43, 4_000, 8)), strict=True):
        parts = [_FIRST[a % len(_FIRST)], _SECOND[b % len(_SECOND)], f"{c:04d}"][: depth + 1]
        made.append(f"/{'/'.join(parts)}/{ends[end]}")
    return tuple(dict.fromkeys(made))


def queries(rng: np.random.Generator, n: int) -> list[str]:
    """What follows a path: nothing for most, otherwise a number or words that hardly come twice."""
    draws = rng.integers(0, 1 << 40, n).tolist()
    out = []
    for d in draws:
        kind = d % 8
        if kind < 5:
            out.append("")
        elif kind == 5:
            out.append(f"?id={d >> 8 & 0xFFFFFF}")
        elif kind == 6:
            out.append(f"?q=%E3%82%{d >> 8 & 0xFF:02X}%E3%83%{d >> 16 & 0xFF:02X}&page={d >> 24 & 15}")
        else:
            out.append(f"?v={d:x}&_={d >> 5}")
    return out


@cache
def agents() -> tuple[str, ...]:
    """Browsers of many versions, robots and programs."""
    made = []
    for n in range(110, 146):
        for system in ("Windows NT 10.0; Win64; x64", "X11; Linux x86_64", "Macintosh; Intel Mac OS X 10_15_7"):
            made.append(
                f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{n}.0.{n * 41}.{n % 7} "
                "Safari/537.36"
            )
            made.append(f"Mozilla/5.0 ({system}; rv:{n}.0) Gecko/20100101 Firefox/{n}.0")
        made.append(
            f"Mozilla/5.0 (iPhone; CPU iPhone OS {n // 8}_{n % 8} like Mac OS X) AppleWebKit/605.1.15 "
            f"(KHTML, like Gecko) Version/{n // 8}.{n % 6} Mobile/15E{n} Safari/604.1"
        )
        made.append(f"Mozilla/5.0 (compatible; ExampleBot/{n // 10}.{n % 10}; +http://www.example.com/bot.html)")
    rng = np.random.default_rng(15)
    order = rng.permutation(len(made)).tolist()
    return (*(made[i] for i in order), "curl/8.11.0", "python-requests/2.32.3", "-")


# -------------------------------------------------------------------------------------------------------------- times

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def stamps(times: Ints, form: str) -> list[str]:
    """Japanese local times as `strftime` writes them; `%e` is a day padded with a blank."""
    seconds, index = np.unique((times + JST) // 1_000_000, return_inverse=True)
    texts = [(_EPOCH + timedelta(seconds=s)).strftime(form) for s in seconds.tolist()]
    return [texts[i] for i in index.tolist()]


def columns(rng: np.random.Generator, n: int, *highs: int) -> list[list[Any]]:
    """A list of n random numbers below each of `highs`."""
    return [rng.integers(0, high, n).tolist() for high in highs]
