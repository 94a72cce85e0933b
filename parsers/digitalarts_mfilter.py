"""Digital Arts m-FILTER: the access logs of SMTP and POP and the communication log (通信ログ).

Reference: Digital Arts FAQ 2585 (SMTP access log of Ver.3 and 4, 38 columns), 3681 (Ver.5, 54 to 69 columns), 4537 (POP
access log), 3686 and 4334 (communication log, words of the actions), 5282 (test mode). Of these pages only the
beginnings were at hand on 2026-11-20; columns they do not explain are not read.
Read besides: a syslog header; lines cut short. Ver.3 writes CP932: that is for the source's `encoding` to say. Logs
sent in CEF or LEEF are of these formats.
Not read: protocol log, URL category log and rule log (2759, 3843, 4086: several lines a record); the scores of spam
and attachments.

`queue_id` is m-FILTER's running number of the message, in all three logs. `action` is the word for its number (送信,
削除, 保留, リレー, 保留→送信, 保留→削除). src is the client, dst the server above. `rule` is the group whose rules
were applied last, in the communication log rule set and rule. `event_code` is the phase of SMTP, `message` the answer
of the server above. `attachments` are names, with commas between (Ver.5). A line whose columns are shifted (a comma
that was not quoted) is read as far as the sender, and counts as cut.

Verdict: deny where m-FILTER deleted (削除, 保留→削除, while delayed), allow where it passed the message on (送信,
リレー, 保留→送信), none while it holds or delays it. The delay of a rule in test mode was not carried out and is not
read.
Time: no zone, so the source's.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from parsers._format import Context, Format
from parsers._lines import Ints
from parsers._records import Layout, records
from parsers._times import Times, read

_SMTP, _COMMUNICATION, _POP = 0, 3, 4
_OLD: Layout = {
    "time": 0, "queue_id": 1, "received": 2, "group": 3, "client": 4, "mail_from": 5, "mail_to": 6, "test": 8,
    "number": 10, "server": 14, "port": 15, "answer": 16, "phase": 17, "size": 18, "message_id": 19, "delay": 25,
}  # fmt: skip
_LAYOUTS: tuple[Layout, ...] = (
    _OLD,
    {**_OLD, "attachments": 53},
    {**_OLD, "attachments": 53, "subject": 67},
    {"time": 0, "received": 1, "queue_id": 2, "size": 4, "number": 5, "delay": 6, "ruleset": 8, "rule": 9,
     "mail_from": 12, "mail_to": 13},
    {"time": 0, "queue_id": 1, "client": 2, "account": 3, "server": 5, "port": 6, "item": 7, "answer": 8, "size": 9,
     "subject": 40},
)  # fmt: skip
"""SMTP of Ver.3 and 4, of Ver.5, of Ver.5 with a subject; communication log; POP: name → place."""
_LEAST = (5, 54, 68)
"""Columns that a layout of SMTP needs."""
_WHOLE = (20, 20, 20, 14, 10)
"""Columns without which a line of a layout is cut short."""
_STAMP = "^[0-9]{1,2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9]{2}:"
_DAY = "^[0-9]{4}/[0-9]{1,2}/[0-9]{1,2} [0-9]{1,2}:"
_ACTIONS = {"0": "送信", "1": "削除", "2": "保留", "4": "リレー", "8": "保留→送信", "9": "保留→削除"}
_STATUS = {"0": "sent", "1": "discarded", "2": "held", "4": "sent", "8": "sent", "9": "discarded"}
_DELAYED = {"1": "deferred", "3": "discarded"}


def _kind_of(df: pl.DataFrame) -> Ints:
    """The layout of each line by its first columns and their number; −1 where it is no line of m-FILTER."""
    first, third = pl.col("_0"), pl.col("_2")
    found = df.select(
        smtp=first.str.contains(_STAMP) & pl.col("_1").str.contains("^[0-9]+$") & third.str.contains(_DAY)
        & (pl.col("_count") >= _LEAST[0]),
        pop=first.str.contains(_STAMP) & pl.col("_1").str.contains("^[0-9]+$") & ~third.str.contains(_DAY)
        & pl.col("_6").str.contains("^[0-9]+$"),
        communication=first.str.contains(_DAY) & pl.col("_1").str.contains(_STAMP) & third.str.contains("^[0-9]+$"),
    ).fill_null(value=False)  # fmt: skip
    kind = np.full(len(df), -1, np.int64)
    kind[found["smtp"].to_numpy()] = _SMTP
    for number, least in enumerate(_LEAST):
        kind[(found["smtp"] & (df["_count"] >= least)).to_numpy()] = _SMTP + number
    kind[found["communication"].to_numpy()] = _COMMUNICATION
    kind[found["pop"].to_numpy()] = _POP
    return kind


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    df = df.with_columns(
        pl.when(pl.col(name) != "-").then(name).alias(name)
        for name in ("message_id", "attachments", "subject", "mail_from", "item", "answer", "server", "port")
    )
    sound = pl.all_horizontal(
        pl.col("test").is_in(["0", "1"]), pl.col("number").str.contains("^[0-9]{1,2}$"),
        pl.col("size").str.contains("^[0-9]+$"), pl.col("port").is_null() | pl.col("port").str.contains("^[0-9]+$"),
    )  # fmt: skip
    shifted = pl.col("_kind").is_between(0, 2) & ~sound.fill_null(value=False)
    behind = [name for name in _LAYOUTS[2] if _LAYOUTS[2][name] > _LAYOUTS[2]["mail_from"]]
    df = df.with_columns(shifted=shifted).with_columns(pl.when(~pl.col("shifted")).then(name) for name in behind)
    kind, number, answer = pl.col("_kind"), pl.col("number"), pl.col("answer")
    known = kind >= 0
    smtp, communication, pop = kind.is_between(0, 2), kind == _COMMUNICATION, kind == _POP
    times, began = read(df["time"], context), read(_padded(df["received"]), context)
    delay = pl.when(pl.col("test").is_null() | (pl.col("test") != "1")).then(pl.col("delay"))
    refused = pl.when(smtp & (number.is_in(["0", "4", "8"]))).then(
        pl.when(answer.str.starts_with("5")).then(pl.lit("bounced"))
        .when(answer.str.starts_with("4")).then(pl.lit("deferred"))
    )  # fmt: skip
    status = pl.coalesce(
        delay.replace_strict(_DELAYED, default=None, return_dtype=pl.String), refused,
        number.replace_strict(_STATUS, default=None, return_dtype=pl.String),
    )  # fmt: skip
    passed = number.is_in(["0", "4", "8"]) & ~delay.is_in(["1", "3"]).fill_null(value=False)
    # Each recipient of the communication log stands behind the id of its group.
    people = [pl.col(name).str.replace_all(r"[0-9]+_[0-9]+,", "") for name in ("mail_from", "mail_to")]
    whole = kind.replace_strict(dict(enumerate(_WHOLE)), default=0)
    relay = pl.concat_str("server", "port", separator=":", ignore_nulls=True)
    return df.select(
        pl.when(known).then(pl.lit("email")).alias("class"),
        pl.when(~known).then(pl.lit("no columns of a log of m-FILTER")).alias("refused"),
        "time", "queue_id", "size", "subject", "attachments",
        _instant(began).alias("start_time"),
        _since(began, times).alias("delay_ms"),
        pl.when(smtp).then(pl.lit("smtp")).when(communication).then(pl.lit("communication")).when(pop)
        .then(pl.lit("pop")).alias("stage"),
        number.replace_strict(_ACTIONS, default=number).alias("action"), status.alias("status"),
        pl.when(status == "discarded").then(pl.lit("deny")).when(passed).then(pl.lit("allow")).alias("verdict"),
        pl.col("client").alias("src_ip"), pl.col("account").alias("user"),
        pl.col("server").alias("dst_ip"), pl.col("port").alias("dst_port"),
        pl.when(smtp & pl.col("server").is_not_null()).then(relay).alias("relay"),
        pl.when(communication).then(people[0]).otherwise("mail_from").alias("mail_from"),
        pl.when(communication).then(people[1]).otherwise("mail_to").str.replace_all(";", ",", literal=True)
        .alias("mail_to"),
        pl.col("message_id").str.strip_prefix("<").str.strip_suffix(">"),
        pl.coalesce("group", "item", pl.concat_str("ruleset", "rule", separator="/", ignore_nulls=True)).alias("rule"),
        answer.alias("message"), answer.str.extract(r"^[0-9]{3}[ -]([245]\.[0-9]{1,3}\.[0-9]{1,3})\b").alias("dsn"),
        pl.col("phase").alias("event_code"),
        (known & (pl.col("_cut") | pl.col("shifted") | (pl.col("_count") < whole))).alias("cut"),
    )  # fmt: skip


def _padded(days: pl.Series) -> pl.Series:
    """`2023/8/2 9:30:58` with two digits for month, day and hour, as `_times` reads it by the column."""
    for mark, end in (("/", "/"), ("/", " "), (" ", ":")):
        days = days.str.replace(f"{mark}([0-9]){end}", f"{mark}0${{1}}{end}")
    return days


def _instant(times: Times) -> pl.Series:
    valid = pl.Series(times.valid)
    return pl.select(pl.when(valid).then(pl.Series(times.us))).to_series().cast(pl.Datetime("us"))


def _since(began: Times, ended: Times) -> pl.Series:
    """Milliseconds from one to the other, where both are known and in order."""
    passed = (ended.us - began.us) // 1000
    valid = pl.Series(began.valid & ended.valid & (passed >= 0))
    return pl.select(pl.when(valid).then(pl.Series(passed))).to_series()


FORMAT = Format(
    name="digitalarts_mfilter",
    title="Digital Arts m-FILTER",
    reference="https://www.pa-solution.net/daj/bs/faq/Detail.aspx?id=3681",
    shape=records(range(7), _kind_of, _LAYOUTS),
    columns=_columns,
)
