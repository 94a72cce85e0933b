"""Names of Zscaler's feed fields: as JSON and key=value templates write them, and as the variables are called."""

from __future__ import annotations

FIELDS: dict[str, tuple[str, ...]] = {
    # Every feed
    "at": ("time", "datetime", "eventtime"),
    "epoch": ("epochtime",),
    "zone": ("tz", "timezone"),
    "user": ("login", "user", "elogin"),
    "action": ("action", "actiontaken"),
    "rule": ("rulelabel", "erulelabel", "rulename"),
    "id": ("recordid", "event_id"),
    "protocol": ("proto", "protocol", "ipproto"),
    "client_name": ("devicehostname",),
    "threat": ("threatname", "ethreatname"),
    "threat_category": ("malwarecat", "malwarecategory", "threatcategory", "threatcat"),
    "severity": ("threatseverity", "severity"),
    "duration": ("durationms",),
    # Web
    "url": ("url", "eurl"),
    "host": ("host", "hostname"),
    "server": ("serverip", "sip", "srv_dip"),
    "client": ("cltip", "ClientIP", "clientIP", "cip", "clt_sip"),
    "inside": ("cltintip", "cintip"),
    "outside": ("cltpubip", "clientpublicIP", "clientpublicip", "cpubip"),
    "client_port": ("cltsourceport", "clt_sport"),
    "method": ("reqmethod", "requestmethod"),
    "status": ("respcode", "status"),
    "sent": ("reqsize", "requestsize"),
    "received": ("respsize", "responsesize"),
    "agent": ("useragent", "eua", "ua"),
    "referer": ("refererurl", "refererURL", "ereferer", "referer"),
    "url_category": ("urlcat", "urlcategory", "urlsubcat"),
    "content": ("contenttype",),
    "reason": ("reason",),
    "app": ("appname", "nwapp"),
    "tls": ("clttlsversion", "clienttlsversion"),
    "file": ("filename", "itemname"),
    "hash": ("sha256", "filesha", "md5", "bamd5", "filemd5"),
    "client_time": ("ctime", "clienttranstime"),
    # Firewall
    "csip": ("csip",),
    "csport": ("csport",),
    "cdip": ("cdip",),
    "cdport": ("cdport",),
    "cdfqdn": ("cdfqdn",),
    "ssip": ("ssip",),
    "ssport": ("ssport",),
    "sdip": ("sdip",),
    "sdport": ("sdport",),
    "inbytes": ("inbytes",),
    "outbytes": ("outbytes",),
    "sessions": ("numsessions",),
    "aggregate": ("aggregate",),
    "ips": ("ipsrulelabel", "ips_custom_signature"),
    # DNS
    "reqaction": ("reqaction",),
    "resaction": ("resaction",),
    "reqrule": ("reqrulelabel",),
    "resrule": ("resrulelabel",),
    "qtype": ("dns_reqtype", "reqtype"),
    "qname": ("dns_req", "req"),
    "answer": ("dns_resp", "res"),
    "server_port": ("srv_dport", "sport"),
    "category": ("category", "domcat"),
    # Administration, data loss prevention, tunnels
    "admin": ("adminid",),
    "admin_ip": ("clientip",),
    "result": ("result",),
    "resource": ("resource",),
    "sub": ("subcategory",),
    "error": ("errorcode",),
    "dictionary": ("dlpdictnames",),
    "engine": ("dlpenginenames",),
    "channel": ("channel",),
    "source_ip": ("sourceip",),
    "destination_ip": ("destinationip",),
    "record": ("Recordtype",),
}
"""Value → the names it goes by; the first that a line has counts."""

SANDBOX = {
    "threat": "Classification.DetectedMalware", "threat_category": "Classification.Category", "url": "Summary.Url",
    "action": "Summary.Status", "hash": "FileProperties.Sha256", "epoch": "Summary.StartTime",
}  # fmt: skip
"""Value → member of a sandbox report."""

NOTHING = ("None", "none", "Unknown", "NA", "N/A", "", "-")
"""What feeds write where they have no value."""
