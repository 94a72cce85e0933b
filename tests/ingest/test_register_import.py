"""Registers from files, and rows that had come before a register did."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import InputError, RegisterError
from core.registers import KINDS, Entry
from core.time import hour_of
from ingest.deliver import deliver
from ingest.register_import import import_entries
from ingest.registers import read, read_folder
from store import Store

PREFECTURE, BODY = "130001", "131016"
NOW = 1763600500_000000
LINES = b"".join(
    b"%d.000 180 10.250.1.%d TCP_MISS/200 1234 GET http://www.example.jp/ - HIER_DIRECT/192.0.2.1 text/html\n"
    % (1763600000 + n, n % 5) for n in range(40)
)  # fmt: skip


def zones_of(store: Store) -> list[tuple[object, ...]]:
    hour = hour_of(NOW)
    with store.snapshot() as snap, snap.session() as duck:
        duck.events("e", "http", tenants=[PREFECTURE, BODY], first_hour=hour - 2, last_hour=hour + 2)
        table = duck.sql("SELECT event_time, tenant, src_ip, src_zone, dst_zone, line FROM e ORDER BY line")
    return [tuple(row.values()) for row in table.to_pylist()]


def zones(valid_from: int = 0) -> list[Entry]:
    return [
        Entry("zones", BODY, "10.250.1.0/24", {"prefix": "10.250.1.0/24", "zone": "INC"}, valid_from),
        Entry("zones", PREFECTURE, "192.0.2.0/24", {"prefix": "192.0.2.0/24", "zone": "INET"}),
    ]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "access.log"
    file.write_bytes(LINES)
    return file


@pytest.mark.parametrize("valid_from", [0, 1763600020_000000])
def test_rows_are_the_same_whichever_came_first(store: Store, log: Path, valid_from: int) -> None:
    with Store.temporary() as other:
        for kind in ("tenants", "sources"):
            other.register(kind, store.entries(kind), "test")
        import_entries(other, "zones", zones(valid_from), actor="test")
        deliver(other, "proxy", log, received=NOW)
        expected = zones_of(other)
    deliver(store, "proxy", log, received=NOW)
    assert {row[3] for row in zones_of(store)} == {"UNKNOWN"}
    done = import_entries(store, "zones", zones(valid_from), actor="test")
    assert done.changed == 2
    assert done.resolved is not None
    assert zones_of(store) == expected
    assert {row[3] for row in expected} == ({"INC"} if valid_from == 0 else {"INC", "UNKNOWN"})


def test_what_is_known_already_is_no_act(store: Store) -> None:
    first = import_entries(store, "zones", zones(), actor="test")
    again = import_entries(store, "zones", zones(), actor="test")
    assert first.seq is not None
    assert (again.seq, again.changed, again.resolved) == (None, 0, None)


def test_overlapping_zones_are_refused_and_nothing_is_taken(store: Store) -> None:
    import_entries(store, "zones", zones(), actor="test")
    late = Entry("zones", BODY, "10.250.1.0/24", {"prefix": "10.250.1.0/24", "zone": "LGC"}, NOW)
    with pytest.raises(RegisterError, match=r"10\.250\.1\.0/24 is (INC and LGC|LGC and INC) at the same time"):
        import_entries(store, "zones", [late], actor="test")
    assert len(store.entries("zones")) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_csv_with_japanese_headings_reads_in_any_usual_encoding(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "端末.csv"
    file.write_text("団体コード,IPアドレス,端末名,課室\n131016,10.1.0.5,AOB-01,総務課\n", encoding)
    (entry,) = read("assets", file, recorded=NOW)
    assert (entry.tenant, entry.values["section"]) == (BODY, "総務課")


def test_all_problems_of_a_file_come_at_once_with_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "zones.csv"
    file.write_text("tenant,prefix,zone\n131015,10.0.0.0/8,LGC\n131016,10.0.0.0/8,LGC\n131016,10.0.0.0/9,XXX\n")
    with pytest.raises(RegisterError) as error:
        read("zones", file, recorded=NOW)
    first, second = str(error.value).splitlines()
    assert first.startswith(f"{file}:2: ")
    assert "takes 6" in first
    assert second.startswith(f"{file}:4: ")


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.toml", "[[zones]\n", "a.toml"),
        ("a.toml", '[[zoens]]\nprefix = "10.0.0.0/8"\n', "unknown table 'zoens'"),
        ("a.xlsx", "x", ".toml or .csv"),
        ("a.csv", "tenant,prefix,zone\n131016,10.0.0.0/8,LGC,x\n", "more values than headings"),
    ],
)
def test_a_file_that_can_not_be_read_says_where(tmp_path: Path, name: str, text: str, says: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises((InputError, RegisterError), match=says):
        read("zones", tmp_path / name, recorded=NOW)


def test_a_source_of_an_unknown_format_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text(
        '[[sources]]\nid = "fw"\nkind = "proxy"\nformat = "fortigat"\ntimezone = "Asia/Tokyo"\nbody_by = "fixed"\n'
    )
    with pytest.raises(RegisterError, match=r"sources 1: format 'fortigat' is none of .*squid"):
        read("sources", file, recorded=NOW)


def test_an_option_that_the_format_does_not_have_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text(
        '[[sources]]\nid = "fw"\nkind = "proxy"\nformat = "squid"\ntimezone = "Asia/Tokyo"\nbody_by = "fixed"\n'
        'options = { no_such = "x" }\n'
    )
    with pytest.raises(RegisterError, match=r"sources 1: squid has no option no_such; there are"):
        read("sources", file, recorded=NOW)


def test_an_option_that_cannot_be_read_is_refused_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text(
        '[[sources]]\nid = "web"\nkind = "web"\nformat = "nginx"\ntimezone = "Asia/Tokyo"\nbody_by = "fixed"\n'
        'options = { log_format = "$remote_addr $" }\n'
    )
    with pytest.raises(RegisterError, match=r"sources 1: log format, character 14: a \$ that begins no directive"):
        read("sources", file, recorded=NOW)


def test_a_folder_of_registers_is_read_by_the_names_of_its_files(tmp_path: Path) -> None:
    heading = "code,name\n"
    (tmp_path / "tenants.csv").write_text(f"{heading}131016,第一市\n", "utf-8")
    (tmp_path / "tenants-towns.csv").write_text(f"{heading}131024,第二町\n", "utf-8")
    (tmp_path / "tenants.txt").write_text("a note", "utf-8")
    (tmp_path / "readme.toml").write_text("x = 1\n", "utf-8")
    found = read_folder(tmp_path, recorded=NOW)
    assert list(found) == list(KINDS)
    assert [entry.tenant for entry in found["tenants"]] == ["131024", "131016"]
    assert not any(found[kind] for kind in KINDS if kind != "tenants")
    with pytest.raises(InputError, match="no such folder"):
        read_folder(tmp_path / "none", recorded=NOW)
