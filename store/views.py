"""Views: what lines say together, joined by an id that the device gave, across batches and days.

A view reads the rows of one class around the time that is asked for: its margin says how far. What a row of a view
says therefore does not depend on the batch in which a line came, only on the lines within the margin.
"""

# ruff: noqa: E501 - SQL reads better unbroken

from __future__ import annotations

from dataclasses import dataclass

from core.columns import EventClass
from core.time import DAY_US


@dataclass(frozen=True, slots=True)
class View:
    """One view.

    `sql` selects from the table `line`, the rows of the class; every row of it has `first_time` and `last_time`.
    `margin` (µs) is how far around the asked time lines are read.
    """

    name: str
    event_class: EventClass
    margin: int
    sql: str


_ACCEPTED_AS = (
    "(?i)queued (?:mail for delivery|as) *:? *<?([0-9A-Za-z][0-9A-Za-z._-]+)",
    "\\[InternalId=([0-9]+)",
    "OK id=([0-9A-Za-z-]+)",
    "([0-9A-Za-z]+) Message accepted for delivery",
)
"""How a server tells under which id it took a message: Postfix and others, Exchange, Exim, Sendmail."""

_ONE_ADDRESS = r'(?:[^,"]|"(?:[^"\\]|\\.)*"|")+'
"""One recipient of a list with commas between; a quoted part is a whole."""

_NO_END = "'sendmail', 'exchange_tracking', 'digitalarts_mfilter'"
"""Formats that do not say that a message has left the queue: it has when no recipient is waiting."""

_MAIL = f"""
WITH told AS (
  SELECT *, lag(event_time) OVER near AS before, lag(ends) OVER near AS ended
  FROM (SELECT *, coalesce(lower(action) IN ('removed', 'completed'), false) AS ends FROM line WHERE queue_id <> 'NOQUEUE')
  WINDOW near AS (PARTITION BY "source", device, queue_id ORDER BY event_time, ends, batch, line)),
part AS (
  -- A queue id is used again after the message has left the queue.
  SELECT *, sum(CASE WHEN before IS NULL OR ended OR event_time - before > to_microseconds({5 * DAY_US}) THEN 1 ELSE 0 END)
    OVER (PARTITION BY "source", device, queue_id ORDER BY event_time, ends, batch, line) AS use,
    CASE WHEN mail_to IS NOT NULL AND status IS NOT NULL THEN mail_to END AS recipient,
    CASE WHEN mail_to IS NOT NULL AND status IS NOT NULL
      THEN coalesce({", ".join(f"nullif(regexp_extract(message, '{words}', 1), '')" for words in _ACCEPTED_AS)}) END AS next_id
  FROM told),
message AS (
  SELECT "source", device, queue_id, use, min(event_time) AS first_time, max(event_time) AS last_time,
    min(tenant) AS some_tenant,
    arg_min(src_ip, row(event_time, batch, line)) FILTER (src_ip IS NOT NULL) AS client_ip,
    arg_min(src_host, row(event_time, batch, line)) FILTER (src_host IS NOT NULL) AS client_host,
    arg_min(helo, row(event_time, batch, line)) FILTER (helo IS NOT NULL) AS helo,
    arg_min("user", row(event_time, batch, line)) FILTER ("user" IS NOT NULL) AS "user",
    arg_min(mail_from, row(event_time, batch, line)) FILTER (mail_from IS NOT NULL) AS mail_from,
    arg_min(message_id, row(event_time, batch, line)) FILTER (message_id IS NOT NULL) AS message_id,
    arg_min(subject, row(event_time, batch, line)) FILTER (subject IS NOT NULL) AS subject,
    max(size) AS size, bool_or(ends) AS finished, bool_and(format IN ({_NO_END})) AS endless
  FROM part GROUP BY ALL),
delivery AS (
  SELECT "source", device, queue_id, use, address AS mail_to,
    arg_max(tenant, row(event_time, batch, line)) AS tenant, count(*) AS attempts,
    max(event_time) AS attempt_time,
    arg_max(status, row(event_time, batch, line)) AS status,
    arg_max(dsn, row(event_time, batch, line)) AS dsn,
    arg_max(relay, row(event_time, batch, line)) AS relay,
    arg_max(dst_ip, row(event_time, batch, line)) AS relay_ip,
    arg_max(delay_ms, row(event_time, batch, line)) AS delay_ms,
    arg_max(message, row(event_time, batch, line)) AS answer,
    arg_max(next_id, row(event_time, batch, line)) AS next_queue_id
  FROM (SELECT *, unnest(regexp_extract_all(recipient, '{_ONE_ADDRESS}')) AS address FROM part WHERE recipient IS NOT NULL)
  GROUP BY ALL),
whole AS (
  SELECT coalesce(d.tenant, m.some_tenant) AS tenant, m.* EXCLUDE (some_tenant, finished, endless),
    m.finished OR (m.endless AND coalesce(bool_and(d.status NOT IN ('deferred', 'queued', 'held')) OVER one, false)) AS finished,
    count(d.mail_to) OVER one AS recipients, d.mail_to,
    d.status, d.dsn, d.relay, d.relay_ip, d.delay_ms, d.attempts, d.attempt_time, d.answer, d.next_queue_id
  FROM message m LEFT JOIN delivery d ON d."source" = m."source" AND d.device IS NOT DISTINCT FROM m.device
    AND d.queue_id = m.queue_id AND d.use = m.use
  WINDOW one AS (PARTITION BY m."source", m.device, m.queue_id, m.use)),
hop AS (
  -- The next hop: of the messages under the id that the relay answered, the one that began nearest to the answer.
  SELECT w."source", w.device, w.queue_id, w.use, w.mail_to,
    arg_min(row(n."source", n.device), row(abs(epoch_us(n.first_time) - epoch_us(w.attempt_time)), n."source", n.device)) AS next
  FROM whole w JOIN message n ON n.queue_id = w.next_queue_id
    AND abs(epoch_us(n.first_time) - epoch_us(w.attempt_time)) <= {DAY_US} GROUP BY ALL)
SELECT w.tenant, w."source", w.device, w.queue_id, w.first_time, w.last_time, w.client_ip, w.client_host, w.helo, w."user",
  w.mail_from, w.mail_to, w.recipients, w.size, w.message_id, w.subject, w.relay, w.relay_ip, w.status, w.dsn, w.delay_ms,
  w.attempts, w.attempt_time, w.answer, w.finished, w.next_queue_id, h.next[1] AS next_source, h.next[2] AS next_device
FROM whole w LEFT JOIN hop h ON h."source" = w."source" AND h.device IS NOT DISTINCT FROM w.device AND h.queue_id = w.queue_id
  AND h.use = w.use AND h.mail_to IS NOT DISTINCT FROM w.mail_to"""

_OPENS = ("302013", "302015", "302017", "302020", "302303", "RT_FLOW_SESSION_CREATE", "APPTRACK_SESSION_CREATE")
"""Event codes of records that say that a connection began (ASA, SRX); its end comes in a record of its own."""

_CONNECTIONS = f"""
WITH told AS (
  SELECT *, coalesce(event_code IN ({", ".join(f"'{code}'" for code in _OPENS)}), false) AS opens
  FROM line WHERE session_id IS NOT NULL AND verdict = 'allow'),
part AS (
  -- A session id is used again, at the latest after the device has started anew.
  SELECT *, sum(opens::INTEGER) OVER (PARTITION BY tenant, "source", device, virtual_device, session_id, protocol
    ORDER BY event_time, opens DESC, batch, line) AS use FROM told)
SELECT tenant, "source", device, virtual_device, session_id, min(event_time) AS first_time, max(event_time) AS last_time,
  min(event_time) FILTER (opens) AS opened_time, max(event_time) FILTER (NOT opens) AS closed_time,
  {", ".join(f'coalesce(any_value("{c}") FILTER (opens), any_value("{c}")) AS "{c}"' for c in ("src_ip", "src_port", "src_zone", "dst_ip", "dst_port", "dst_zone", "protocol", "app", "direction", "user", "rule", "nat_src_ip", "nat_src_port", "nat_dst_ip", "nat_dst_port"))},
  max(bytes_out) AS bytes_out, max(bytes_in) AS bytes_in, max(duration_ms) AS duration_ms,
  any_value(action) FILTER (NOT opens) AS closed_by, any_value(message) FILTER (NOT opens) AS message, count(*) AS lines
FROM part GROUP BY tenant, "source", device, virtual_device, session_id, protocol, use"""

VIEWS = {
    view.name: view
    for view in (
        View("mail_deliveries", EventClass.EMAIL, 5 * DAY_US, _MAIL),
        View("connections", EventClass.NETWORK, 2 * DAY_US, _CONNECTIONS),
    )
}
"""`mail_deliveries`: one row for each message and recipient, with the next hop. `connections`: built and teardown."""
