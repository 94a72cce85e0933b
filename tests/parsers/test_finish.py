"""The last steps that every format shares, tried on a format that hands everything through."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl
import pytest

from core.columns import EventClass
from parsers import Chunk, Format, parse
from parsers._messages import whole
from tests.parsers.making import TOKYO, answers


def finish(event_class: str = "network", header: str = "", **columns: Any) -> dict[str, Any]:
    """One line through a format that says just these columns of it."""
    log_format = Format(
        "given",
        "",
        "https://",
        whole(),
        lambda df, _: df.select(pl.lit(event_class).alias("class"), **{k: pl.lit(v) for k, v in columns.items()}),
    )
    parsed, _ = parse(log_format, Chunk(f"{header}x\n".encode()), TOKYO, {})
    return answers(parsed)[0]


def test_what_every_row_has() -> None:
    assert finish() == {
        "class": "network", "line": 1, "offset": 0, "length": 1, "format": "given", "text_quality": "clean", "event_count": 1,
        "count_quality": "exact", "event_time": datetime(2026, 11, 20, 1, 5), "time_quality": "received",
    }  # fmt: skip


PORTS = {"443": 443, "0": 0, "65535": 65535, "65536": None, "-1": None, "http": None, "": None}


@pytest.mark.parametrize(("text", "expected"), PORTS.items(), ids=PORTS)
def test_a_port_is_in_range_or_missing(text: str, expected: int | None) -> None:
    assert finish(src_port=text, dst_port=text).get("dst_port") == expected


def test_numbers_come_from_text() -> None:
    answer = finish(
        bytes_out="12",
        bytes_in="9223372036854775807",
        duration_ms="1.5",
        packets_out="many",
        event_count="7",
        count_quality="lower_bound",
    )
    assert (answer["bytes_out"], answer["bytes_in"], answer.get("duration_ms"), answer.get("packets_out")) == (
        12,
        2**63 - 1,
        None,
        None,
    )
    assert (answer["event_count"], answer["count_quality"]) == (7, "lower_bound")


def test_a_name_in_an_address_column_becomes_a_host_and_the_reverse() -> None:
    answer = finish(src_ip="pc1.example.lg.jp", dst_ip="192.0.2.1", nat_src_ip="pc1.example.lg.jp")
    assert (answer.get("src_ip"), answer["src_host"], answer["dst_ip"], answer.get("nat_src_ip")) == (
        None,
        "pc1.example.lg.jp",
        "192.0.2.1",
        None,
    )
    assert "src_addr" not in answer
    answer = finish(src_host="2001:DB8::1", dst_host="www1")
    assert (answer["src_ip"], answer["src_addr"][:4], answer.get("src_host"), answer["dst_host"]) == (
        "2001:db8::1",
        b"\x20\x01\x0d\xb8",
        None,
        "www1",
    )
    answer = finish(src_ip="10.0.0.1", src_host="10.0.0.2")
    assert (answer["src_ip"], answer.get("src_host")) == ("10.0.0.1", None)
    answer = finish(src_ip="gateway", src_host="pc1.example.lg.jp")
    assert answer["src_host"] == "pc1.example.lg.jp"


USERS = {
    "tanaka": ("tanaka", None), "EXAMPLE\\tanaka": ("tanaka", "EXAMPLE"), "tanaka@example.lg.jp": ("tanaka", "example.lg.jp"), "a\\b\\c": ("b\\c", "a"),
    "a@b@c": ("a@b", "c"), "\\x": ("\\x", None), "x@": ("x@", None), "@": ("@", None), "田中@市": ("田中", "市"), "": (None, None),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), USERS.items(), ids=USERS)
def test_a_user_is_split_from_the_domain(text: str, expected: tuple[str | None, str | None]) -> None:
    answer = finish(user=text)
    assert (answer.get("user"), answer.get("user_domain")) == expected


def test_a_domain_that_the_format_gives_stays() -> None:
    answer = finish(user="EXAMPLE\\tanaka", user_domain="OTHER")
    assert (answer["user"], answer["user_domain"]) == ("tanaka", "OTHER")


def test_names_take_the_case_of_their_column() -> None:
    answer = finish(
        "dns",
        qname="WWW.Example.LG.jp.",
        qtype="aaaa",
        qclass="in",
        rcode="NXDomain",
        src_mac="02-00-5E-10-00-01",
        protocol="17",
    )
    assert [answer[key] for key in ("qname", "qtype", "qclass", "rcode", "src_mac", "protocol")] == [
        "www.example.lg.jp", "AAAA", "IN", "NXDOMAIN", "02:00:5e:10:00:01", "udp",
    ]  # fmt: skip
    assert finish("dns", qname=".")["qname"] == "."
    answer = finish("http", url_host="WWW.Example.lg.jp", url="HTTP://WWW.Example.lg.jp/A", method="get")
    assert (answer["url_host"], answer["url"], answer["method"]) == (
        "www.example.lg.jp",
        "HTTP://WWW.Example.lg.jp/A",
        "GET",
    )


def test_an_empty_text_is_missing() -> None:
    assert "message" not in finish(message="")


def test_a_column_that_the_class_does_not_have_is_dropped() -> None:
    assert "mail_from" not in finish("network", mail_from="sender@example.lg.jp")


HEADER = "<29>Nov 20 10:00:00 fw01 prog[1]: "


def test_the_header_fills_what_the_format_leaves_open() -> None:
    answer = finish(header=HEADER)
    assert (answer["event_time"], answer["time_quality"]) == (datetime(2026, 11, 20, 1), "year_inferred")
    assert (answer["device"], answer["severity"]) == ("fw01", "notice")


def test_the_line_itself_knows_better_than_its_header() -> None:
    answer = finish(header=HEADER, time="2026-11-20T09:00:00Z", device="inner", severity="high")
    assert (answer["event_time"], answer["time_quality"]) == (datetime(2026, 11, 20, 9), "exact")
    assert (answer["device"], answer["severity"]) == ("inner", "high")
    answer = finish(header=HEADER, time="2026-11-20 09:00:00", time_zone="-0500")
    assert (answer["event_time"], answer["time_quality"]) == (datetime(2026, 11, 20, 14), "exact")


def test_a_time_that_cannot_be_read_falls_back() -> None:
    assert finish(header=HEADER, time="yesterday")["time_quality"] == "year_inferred"
    assert finish(time="yesterday")["time_quality"] == "received"
    assert finish(time_quality="exact")["time_quality"] == "received"


def test_a_format_may_work_its_time_out_itself() -> None:
    answer = finish(event_time=datetime(2026, 1, 1), time_quality="zone_assumed", start_time=datetime(2025, 12, 31))
    assert (answer["event_time"], answer["time_quality"], answer["start_time"]) == (
        datetime(2026, 1, 1),
        "zone_assumed",
        datetime(2025, 12, 31),
    )
    assert finish(event_time=datetime(2026, 1, 1))["time_quality"] == "exact"


def test_cut_is_said_before_repaired() -> None:
    assert finish(cut=True)["text_quality"] == "cut"


def test_a_line_without_class_is_refused_unless_its_header_says_who_wrote_it() -> None:
    log_format = Format("refusing", "", "https://", whole(), lambda df, _: df.select(refused=pl.lit("not mine")))
    data = b"Nov 20 10:00:00 host cron[1]: job done\nno header\n<13>priority alone\n"
    found = answers(parse(log_format, Chunk(data), TOKYO, {})[0])
    assert (found[0]["class"], found[0]["message"], found[0]["device"]) == ("system", "job done", "host")
    assert [answer.get("refused") for answer in found[1:]] == ["not mine", "not mine"]


def test_skipped_comes_before_refused_and_a_comment_is_skipped() -> None:
    def columns(df: pl.DataFrame, context: object) -> pl.DataFrame:
        header = pl.col("text").str.starts_with("Fields")
        return df.select(refused=pl.lit("no"), skipped=pl.when(header).then(pl.lit("header")))

    log_format = Format("skipping", "", "https://", whole(), columns, comment="#")
    found = answers(parse(log_format, Chunk(b"# hello\nFields a b\nx\n \n"), TOKYO, {})[0])
    assert [answer.get("skipped", answer.get("refused")) for answer in found] == [
        "comment",
        "header",
        "no",
        "blank line",
    ]


def test_few_rows_of_a_class_do_not_hold_the_text_of_all_others() -> None:
    log_format = Format(
        "given",
        "",
        "https://",
        whole(),
        lambda df, _: df.select(
            pl.when(pl.col("text").str.starts_with("s"))
            .then(pl.lit("system"))
            .otherwise(pl.lit("network"))
            .alias("class"),
            pl.col("text").alias("message"),
        ),
    )
    texts = ["system: said once and in many words", *["network: a connection"] * 1000]
    parsed, _ = parse(log_format, Chunk("".join(f"{text}\n" for text in texts).encode()), TOKYO, {})
    rare = parsed.rows[EventClass.SYSTEM]
    assert rare["message"].to_list() == texts[:1]
    held = rare.to_arrow(compat_level=pl.CompatLevel.newest()).nbytes
    assert held < 1000
