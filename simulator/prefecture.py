"""見本県 and its bodies: invented names, codes that no real body has, and an address plan for each.

Codes: prefecture 13, 市 13260–13299, 町 13700 onwards, 村 13760 onwards: numbers that were never given
out, with right check digits. Addresses: RFC 1918 inside, documentation (RFC 5737) and benchmark (RFC 2544) outside.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.municipalities import code

Addresses = NDArray[np.int64]

PREFECTURE = "見本県"
PREFECTURE_CODE = code("13000")
MOST = 120
"""The most bodies that there are names and codes for."""

OFFSET = {"LGC": 0, "MNU": 32 << 8, "INC": 64 << 8}
"""Where each zone's /19 begins in a body's /16."""
SPARES = 20
"""Terminals of a zone that make no ordinary noise: planted cases use them."""


def ip(text: str) -> int:
    """An IPv4 address as a number."""
    a, b, c, d = map(int, text.split("."))
    return a << 24 | b << 16 | c << 8 | d


def dotted(number: int) -> str:
    """A number as an IPv4 address."""
    return f"{number >> 24}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


LGWAN = ip("198.51.100.0")
"""What the body reaches over LGWAN; the last number says what it is (25 mail, 30–33 ASP, 40 コンビニ交付 …)."""
EGRESS = ip("172.31.0.0")
"""中間プライベートIP: a /28 for each body."""

_NAMED = (
    ("青葉市", "aoba", "AOB"), ("桜丘市", "sakuragaoka", "SKR"), ("東浜市", "higashihama", "HGS"),
    ("川上町", "kawakami", "KWK"), ("若葉町", "wakaba", "WKB"), ("松原町", "matsubara", "MTB"),
    ("白波町", "shiranami", "SRN"), ("緑野町", "midorino", "MDN"), ("北山村", "kitayama", "KTY"),
    ("星見村", "hoshimi", "HSM"),
)  # fmt: skip
_STEMS = (
    "桐ヶ瀬 kirigase 楓川 kaedegawa 月ノ森 tsukinomori 銀野 ginno 桔梗沢 kikyozawa 霞野 kasumino 潮音 shione "
    "夕凪 yunagi 岬原 misakihara 竹ノ谷 takenoya 杉坂 sugisaka 藤波 fujinami 虹ヶ原 nijigahara 雪野 yukino "
    "鈴ヶ沢 suzugasawa 萩坂 hagisaka 風早台 kazahayadai 椿浦 tsubakiura 灯台 todai 栗ノ木 kurinoki 清瀬川 kiyosegawa "
    "楠ヶ浦 kusugaura 朝霧 asagiri 花畑 hanabatake 石楠 shakunage 露草 tsuyukusa 雲井 kumoi 菫野 sumireno"
).split()
_SIDES = (("", ""), ("北", "kita"), ("南", "minami"), ("西", "nishi"))
_SIZES = (
    # terminals in LGC, MNU, INC; servers in LGC
    (557, 213, 130, 36),
    (460, 170, 110, 34),
    (420, 150, 100, 28),
    (130, 60, 40, 14),
    (150, 60, 40, 14),
    (120, 50, 40, 12),
    (110, 45, 30, 12),
    (90, 40, 25, 10),
    (45, 20, 14, 8),
    (40, 18, 12, 8),
)
_YAMAHA = {4, 6, 8}
_SWITCH = {1, 4, 5, 8, 9}
_PERMITS = {0, 5}
_REGISTER = {0, 2, 3, 5, 6}
_QUIET = {7}
_INTERFACES_ONLY = {9}
_LEVELS = {"市": "city", "町": "town", "村": "vill"}


@dataclass(frozen=True)
class Body:
    """One municipality: who it is, what its LGWAN firewall is, and where its terminals are.

    `kind` is the place in the pattern of ten that repeats; addresses are IPv4 numbers.
    """

    index: int
    code: str
    name: str
    slug: str
    mark: str
    sizes: tuple[int, int, int, int]

    @property
    def kind(self) -> int:
        return self.index % 10

    @property
    def source(self) -> str:
        return f"fw-{self.slug}"

    @property
    def device(self) -> str:
        return f"{self.mark}-LGFW-01"

    @property
    def domain(self) -> str:
        return f"{_LEVELS[self.name[-1]]}.{self.slug}.example.lg.jp"

    @property
    def vhost(self) -> str:
        return f"www.{self.domain}"

    @property
    def yamaha(self) -> bool:
        """YAMAHA RTX, which logs no hardware address; otherwise FortiGate."""
        return self.kind in _YAMAHA

    @property
    def switch(self) -> bool:
        """An L3 switch stands before the firewall: broadcasts of terminals stay behind it, and so do their MACs."""
        return self.kind in _SWITCH

    @property
    def permits(self) -> bool:
        """Allowed sessions are sent too; the others send denied packets only."""
        return self.kind in _PERMITS

    @property
    def register(self) -> bool:
        """There is a register of terminals (端末台帳)."""
        return self.kind in _REGISTER

    @property
    def quiet(self) -> bool:
        """The feed is almost empty: denied broadcasts are not logged."""
        return self.kind in _QUIET

    @property
    def prefixes(self) -> bool:
        """Address ranges of the zones are registered; one body in ten has an interface table only."""
        return self.kind not in _INTERFACES_ONLY

    @property
    def base(self) -> int:
        """First address of the body's /16. Behind every YAMAHA it is the same: addresses repeat between bodies."""
        return ip("172.16.0.0") if self.yamaha else ip("10.0.0.0") + (11 + self.index << 16)

    @property
    def egress(self) -> int:
        return EGRESS + (self.index << 4)

    @property
    def firewall(self) -> int:
        """The firewall's own address on the LGC side."""
        return self.base + (1 << 8) + 1

    @property
    def switch_mac(self) -> int:
        return 0x02 << 40 | (self.index + 1) << 32 | 0xFF00_0001

    def mac(self, address: int) -> int:
        """The hardware address of the device that has this address; locally administered."""
        return 0x02 << 40 | (self.index + 1) << 32 | address

    @cached_property
    def _terminals(self) -> dict[str, Addresses]:
        made = {}
        for zone, count in zip(("LGC", "MNU", "INC"), self.sizes, strict=False):
            i = np.arange(count, dtype=np.int64)
            made[zone] = self.base + OFFSET[zone] + ((10 + i // 200) << 8) + 20 + i % 200
        return made

    def terminals(self, zone: str) -> Addresses:
        """Terminals of LGC, MNU or INC that make ordinary traffic."""
        return self._terminals[zone]

    def spare(self, zone: str, number: int) -> int:
        """A terminal for a planted case, in the first /24 of its zone."""
        return self.base + OFFSET[zone] + (10 << 8) + 230 + number

    def server(self, zone: str, last: int) -> int:
        """A server by the last number: 10 directory, 20 update, 25 mail, 30–33 VDI, 40 file, 50 monitor, 53 DNS."""
        return self.base + OFFSET[zone] + (1 << 8) + last

    @cached_property
    def servers(self) -> Addresses:
        """All servers of LGC; they share a segment with the firewall."""
        named = [10, 20, 25, 40, 50, 53]
        more = list(range(60, 60 + max(0, self.sizes[3] - len(named))))
        return np.array([self.server("LGC", n) for n in named + more], np.int64)

    @cached_property
    def printers(self) -> Addresses:
        """Printers and copiers of LGC."""
        count = max(2, self.sizes[0] // 60)
        return self.base + (2 << 8) + 10 + np.arange(count, dtype=np.int64)


def bodies(count: int, scale: float) -> list[Body]:
    """The first `count` bodies. `scale` multiplies terminals (at least 8 a zone, at most 4,000).

    Raises:
        ValueError: When there are not that many.
    """
    if not 1 <= count <= MOST:
        raise ValueError(f"municipalities: 1 to {MOST}, not {count}")
    names = list(_NAMED)
    for side, roman in _SIDES:
        for stem, word in zip(_STEMS[::2], _STEMS[1::2], strict=True):
            n = len(names)
            names.append(
                (f"{side}{stem}{'市市市町町町町町村村'[n % 10]}", f"{roman}{word}", f"{word[:1].upper()}{n:02d}")
            )
    used = {"市": 0, "町": 0, "村": 0}
    made = []
    for index, (name, slug, mark) in enumerate(names[:count]):
        level = name[-1]
        n = used[level]
        used[level] += 1
        first = {"市": 290 + n if n < 10 else 250 + n, "町": 700 + n, "村": 760 + n}[level]
        lgc, mnu, inc, servers = _SIZES[index % 10]
        grow = scale * (1 if index < 10 else 0.8 + index * 7 % 5 / 10)
        sizes = (
            *(min(4000, max(8, round(n * grow))) for n in (lgc, mnu, inc)),
            min(100, max(6, round(servers * grow))),
        )
        made.append(Body(index, code(f"13{first}"), name, slug, mark, sizes))  # type: ignore[arg-type]  # mypy loses the length of a starred tuple
    return made
