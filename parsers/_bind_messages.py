"""The messages of named, as regular expressions: what follows time, category, severity and client.

Groups are named after columns where they are one; `what` is the message's own phrase, `rest` what it adds, `would`
says that nothing was done. Whatever is in the names of a message comes escaped by named (a space as `\\032`).
"""

from __future__ import annotations

_CLASS = r"(?:IN|CH|HS|ANY|NONE|CLASS[0-9]+)"
_ZONE = rf"(?P<qname>[^ ]+?)/(?P<qclass>{_CLASS})(?:/(?P<view>[^ ':]+))?"
_ASKED = rf"(?P<qname>[^ ]+?)(?:/(?P<qtype>[A-Z0-9-]+))?/(?P<qclass>{_CLASS})"
_RECORD = r"(?P<qname>[^ ]+)/(?P<qtype>[A-Z0-9-]+)"
_FOR = rf"(?: for (?P<qname>[^ ]+)(?: (?P<qclass>{_CLASS}))?(?: (?P<qtype>[A-Z0-9-]+))?)?(?: +\([0-9a-f]{{8}}\))?"
_KIND = r"(?P<kind>[A-Z][A-Za-z]+ )?(?:error )?(?:referral |all )?"
_FLAGS = r"(?: (?P<flags>[+-][^ ]*))?(?: \((?P<dst_ip>[^ )]+)\))?"
CLIENT = r"(?P<src_ip>[^ #]+)#(?P<src_port>[0-9]{1,5})"
SERVER = r"(?P<dst_ip>[^ #]+)#(?P<dst_port>[0-9]{1,5})"
RCODES = "FORMERR|SERVFAIL|NXDOMAIN|NOTIMP|REFUSED|YXDOMAIN|YXRRSET|NXRRSET|NOTAUTH|NOTZONE|BADVERS"
SILENT = "timed out|unreachable|connection refused|connection reset|not connected|failed to connect"

MESSAGES = {
    # of a client
    "denied": r"(?P<what>query|query \(cache\)|query-on|recursion|zone transfer|update|update forwarding|notify) "
    rf"(?:'{_ASKED}' )?(?P<decision>denied|approved|disabled)(?P<rest>.*)",
    "query": rf"query: (?P<qname>[^ ]+) (?P<qclass>{_CLASS}) (?P<qtype>[^ ]+){_FLAGS}(?: (?P<rest>.*))?",
    "response": rf"(?P<what>response): (?P<qname>[^ ]+) (?P<qclass>{_CLASS}) (?P<qtype>[^ ]+) (?P<rcode>[A-Z0-9]+)"
    rf"(?: [0-9]+)*{_FLAGS}(?P<rest>.*)",
    "limited": rf"(?P<would>would )?(?P<what>rate limit (?:drop|slip)) {_KIND}responses? to (?P<net>[^ ]+){_FOR}",
    "limiting": rf"\*?(?P<would>would )?(?P<what>limit|continue limiting|stop limiting) {_KIND}responses to "
    rf"(?P<src_ip>[^ /]+)(?P<net>/[0-9]+)?{_FOR}",
    "rpz": r"(?P<would>disabled )?(?P<what>rpz [A-Z-]+ (?P<policy>[A-Za-z0-9_-]+) rewrite) (?P<qname>[^ ]+?)"
    rf"(?:/(?P<qtype>[A-Z0-9-]+)/(?P<qclass>{_CLASS}))? via (?P<rule>[^ ]+)(?: \(CNAME to: (?P<answers>[^ ]+)\))?",
    "failed": r"(?P<what>query failed) \((?P<rest>[^)]+)\) for "
    rf"(?P<qname>[^ ]+)/(?P<qclass>{_CLASS})/(?P<qtype>[^ ]+) at [^ ]+",
    "bad_transfer": rf"(?P<what>bad zone transfer request): '{_ZONE}': (?P<rest>.*) \((?P<rcode>[A-Z0-9]+)\)",
    "transfer_out": rf"transfer of '{_ZONE}': "
    r"(?P<what>(?:AXFR-style )?(?P<qtype>[AI]XFR) (?:started|ended|poll up to date))(?P<rest>.*)",
    "transfer_failed": rf"(?P<what>transfer) of '{_ZONE}': (?P<rest>.*)",
    "update": rf"updating zone '{_ZONE}': (?P<what>adding an RR|deleting an RR|deleting rrset|deleting all rrsets) "
    r"at '?(?P<record>[^ ]+?)'?(?: (?P<qtype>[A-Z0-9-]+)(?P<rest> .*)?)?",
    "update_failed": rf"updating zone '{_ZONE}': (?P<what>update (?:failed|unsuccessful)): "
    r"(?:(?P<record>[^ ]+?)(?:/(?P<qtype>[A-Z0-9-]+))?: )?(?P<rest>.*?)(?: \((?P<rcode>[A-Z0-9]+)\))?",
    "update_other": rf"(?P<what>updating zone) '{_ZONE}': (?P<rest>.*)",
    "signer": r'(?P<what>signer) "(?P<user>[^"]+)" (?P<decision>denied|approved)',
    "signature": r"(?P<what>request has invalid signature): (?:TSIG (?P<user>[^ :]+)(?: \([^)]*\))?: )?"
    r"(?P<rest>.*) \((?P<rcode>[A-Z0-9]+)\)",
    "notify": r"(?P<what>received notify) for zone '(?P<qname>[^ ]+?)'(?P<rest>:.*)?",
    "telemetry": rf"(?P<what>trust-anchor-telemetry) '{_ASKED}' from [^ #]+(?:#[0-9]+)?(?P<rest>.*)",
    "dropped": r"(?P<what>blackholed [A-Za-z0-9_ ]+|dropped request: [A-Za-z0-9_ ]+|dropping multicast request)",
    "no_view": rf"(?P<what>no matching view in class) '(?P<qclass>{_CLASS})'(?P<rest>.*)",
    "unread": r"(?P<what>message parsing failed): (?P<rcode>[A-Z]+)(?P<rest>.*)",
    "stale": r"(?P<qname>[^ ]+) (?P<rest>(?:resolver failure|client timeout|query within stale refresh time), "
    r"(?P<what>stale answer (?:used|unavailable)).*)",
    "failed_before": rf"(?P<what>servfail cache hit) {_RECORD} \((?P<rest>[^)]*)\)",
    "rpz_failed": r"(?P<what>rpz [A-Za-z/-]+ rewrite) (?P<qname>[^ ]+)(?: via (?P<rule>[^ ]+))?"
    r"(?: [a-zA-Z0-9_()-]+)*? ?(?:failed: )?: ?(?P<rest>.*)",
    "forwarded": rf"(?P<what>forwarding update) for zone '{_ZONE}'",
    "signed": r"(?P<what>request has valid signature): (?P<user>[^ ]+)(?P<rest>.*)",
    "strange_key": r"(?P<what>request is signed by a nonauthoritative key|request is not signed)",
    "bad_notify": r"(?P<what>notify question section) (?P<rest>empty|contains no SOA|contains multiple RRs)",
    "unsent": r"(?P<what>error sending response): (?P<rest>.*)",
    "crowded": r"(?P<what>no more recursive clients|recursive-clients soft limit exceeded|TCP client quota reached"
    r"|no more TCP clients)(?P<rest>.*)",
    # of a server that was asked, or that told of a change
    "resolving": r"(?P<what>[A-Za-z][A-Za-z -]*?(?: \([^)]*\))?) resolving '(?P<qname>[^ ']+?)"
    rf"(?:/(?P<qtype>[A-Z0-9-]+))?(?:/(?P<qclass>{_CLASS}))?'(?: \(in '[^']*'\?\))?(?:: {SERVER})?(?P<rest>:? .*)?",
    "fetch": rf"(?P<what>fetch completed) (?:at [^ ]+ )?for {_RECORD} in (?P<seconds>[0-9.]+): (?P<rest>.*)",
    "malformed": rf"(?P<what>DNS format error) from {SERVER} resolving {_RECORD} for (?:client {CLIENT}|[^ ]+): "
    r"(?P<rest>.*)",
    "validating": r" *(?P<what>validating) (?:@0x[0-9a-f]+: )?(?P<qname>[^ /]+)[/ ](?P<qtype>[A-Z0-9-]+): "
    r"(?P<rest>.*)",
    "skipped": r"(?P<what>skipping nameserver) '(?P<dst_host>[^']+)' (?P<rest>because .*), while resolving "
    r"'(?P<qname>[^ ']+?)(?:/(?P<qtype>[A-Z0-9-]+))?'",
    "names": rf"(?P<what>check-names (?:failure|warning)) {_ASKED}",
    "delegation_only": rf"(?P<what>enforced delegation-only) for '(?P<rule>[^']+)' \({_ASKED}\) from {SERVER}",
    "no_cookie": rf"(?P<what>missing expected cookie) from {SERVER}",
    "spilled": r"(?P<what>too many simultaneous fetches) for (?P<qname>[^ ]+) (?P<rest>\(allowed .*)",
    "slow_server": rf"adb: (?P<what>quota) {SERVER} (?P<rest>\([0-9]+/[0-9]+\): .*)",
    "transfer_in": rf"(?:0x[0-9a-f]+: )?(?P<what>transfer) of '{_ZONE}' from {SERVER}: (?P<rest>.*)",
    "notified": rf"zone {_ZONE}: (?P<what>notify) from {CLIENT}: ?(?P<rest>.*)",
    "not_primary": rf"zone {_ZONE}: (?P<what>refused notify) from non-(?:primary|master): {CLIENT}",
    "quota": r"(?P<what>(?P<qtype>[AI]XFR) request denied): (?P<rest>.*)",
    # of somebody at the command channel
    "command": rf"(?P<what>invalid command|rejected command channel message) from {CLIENT}(?:: (?P<rest>.*))?",
    "statistics": rf"(?P<what>rejected statistics connection) from {CLIENT}(?P<rest>.*)",
    # of the server itself
    "control": r"received (?P<what>control channel command) '(?P<object>[^']*)'(?P<rest>.*)",
    "channel": r"(?P<what>command channel listening on|stopping command channel on|statistics channel listening on) "
    r"(?P<object>[^ ]+)",
    "starting": r"(?P<what>starting) BIND (?P<new>[^ ]+)(?P<rest>.*)",
    "signalled": r"(?P<what>received SIG[A-Z]+ signal)(?P<rest>.*)",
    "reloaded": r"(?P<what>(?:re)?loading (?:configuration|zones)) "
    r"(?:from '(?P<object>[^']+)'|(?P<result>succeeded|failed))(?P<rest>.*)",
    "listening": r"(?P<what>listening on|no longer listening on) (?:IPv[46] interface (?P<object>[^,]+), )?"
    r"(?P<new>[^ #]+#[0-9]+)",
    "not_listening": r"(?P<what>could not listen on (?:UDP|TCP) socket|creating IPv[46] interface) ?(?P<object>[^ :]+)?"
    r"(?P<result> failed)?[:;] (?P<rest>.*)",
    "empty_zone": r"(?P<what>automatic empty zone): (?:view (?P<view>[^:]+): )?(?P<object>[^ ]+)",
    "frozen": r"(?P<what>(?:freezing|thawing) zone) '(?P<object>[^']+)'(?: (?P<view>[^:]+))?: (?P<result>.*)",
    "zone_set": r"(?P<what>(?:added|updated|deleted) zone) (?P<object>[^ ]+) in view (?P<view>[^ ]+) via (?P<rest>.*)",
    "catalog": r"catz: (?P<what>(?:adding|updating|modifying|deleting) (?:catalog )?zone) '(?P<object>[^']+)'"
    r"(?: from catalog '(?P<rest>[^']+)' - (?P<result>.*)| with serial (?P<new>[0-9]+))",
    "policy_zone": r"(?P<what>\(re\)loading policy zone) '(?P<object>[^']+)' (?P<rest>.*)",
    "policy_reload": r"rpz: (?P<object>[^ ]+): (?P<what>reload start|reload done|new zone version came too soon)"
    r"(?P<rest>.*)",
    "anchor": r"(?P<what>managed-keys-zone)(?:/(?P<view>[^:]+))?: (?P<rest>.*)",
    "signing_key": r"(?:keymgr: )?(?P<what>(?:retire )?DNSKEY) (?P<object>[^ ]+/[A-Z0-9]+/[0-9]+) "
    r"(?P<rest>\([A-Z]+\).*)",
    "place": r"(?:(?P<what>dns_[a-z_]+): )?(?P<object>[^ ]*(?:named|\.conf|\.db|\.zone)[^ ]*:[0-9]+): (?P<rest>.*)",
    "zone": rf"(?:managed-keys-)?zone (?P<object>[^ ]+?/{_CLASS}(?:/[^ :]+)?): (?P<rest>.*)",
}
"""Name → regular expression of a whole message; the frequent ones first."""

ODD_CLIENT = {
    "client": r"client(?: @0x[0-9a-f]+)? (?:(?P<client_ip>[^ #]+)#(?P<client_port>[0-9]{1,5})|\(no-peer\))"
    r"(?:/key (?P<client_key>[^ ]+?))?(?: \((?P<client_name>[^ ]+)\))?(?:: view (?P<client_view>[^ :]+))?: (?P<note>.*)"
}
"""A client with a key, or without an address."""

ROLES = {
    "bad_transfer": "authoritative", "transfer_out": "authoritative", "transfer_failed": "authoritative",
    "update": "authoritative",
    "update_failed": "authoritative", "update_other": "authoritative", "signer": "authoritative",
    "notify": "authoritative", "transfer_in": "authoritative", "notified": "authoritative",
    "not_primary": "authoritative", "quota": "authoritative", "rpz": "resolver", "resolving": "resolver",
    "fetch": "resolver", "malformed": "resolver", "validating": "resolver", "stale": "resolver",
    "failed_before": "resolver", "rpz_failed": "resolver", "forwarded": "authoritative",
    "bad_notify": "authoritative", "skipped": "resolver", "names": "resolver", "delegation_only": "resolver",
    "no_cookie": "resolver", "spilled": "resolver", "slow_server": "resolver",
}  # fmt: skip
"""Message → as what named was addressed."""

SERVERS = frozenset({
    "control", "zone", "channel", "starting", "signalled", "reloaded", "listening", "not_listening", "empty_zone",
    "frozen", "zone_set", "catalog", "policy_zone", "policy_reload", "anchor", "signing_key", "place",
})  # fmt: skip
"""Messages that tell of the server itself."""

OPERATIONS = {
    r"^exiting \(due to |(?:REQUIRE|ENSURE|INSIST|INVARIANT|RUNTIME_CHECK)\(.*\) failed": "crash",
    r"^isc_log_open '|^logging channel '.*' file '.*': ": "log_loss",
    r"^starting BIND|^running$": "start",
    r"^exiting|^shutting down|^stopping command channel|^received SIG(?:TERM|INT) ": "stop",
    r"^loading configuration|^reloading|^scheduled loading|^received SIGHUP ": "reload",
    r"listening on |^could not listen|^creating IPv": "listen",
    r"^all zones loaded|^automatic empty zone|^dns_": "zone_load",
    r"^freezing|^thawing|^catz: |^(?:added|updated|deleted) zone ": "zone_change",
    r"^\(re\)loading policy zone|^rpz: ": "policy_load",
    r"^[^ ]*\.conf[^ ]*:[0-9]+: |^[^ ]*named[^ ]*:[0-9]+: ": "config",
    r"^(?:keymgr: )?(?:retire )?DNSKEY ": "signing_key",
    r"quota|clients-per-query|exceeded|no more ": "performance",
    r"managed-keys|trust anchor|Key [0-9]+ for zone": "trust_anchor",
}
"""What the server says of itself → operation; the rest is called after its category."""

OF_ZONES = {
    r"^loaded serial|^journal rollforward|^loading from": "zone_load",
    r"^transferred serial|^Transfer started": "zone_transfer",
    r"^expired": "zone_expire",
    r"^refresh": "zone_refresh",
    r"^sending notifies|^notify ": "notify",
}
