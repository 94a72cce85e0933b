"""What the event ids, codes and logon types of the Windows security log mean."""

from __future__ import annotations

DATA = (
    "SubjectUserName", "SubjectDomainName", "SubjectLogonId", "TargetUserName", "TargetDomainName", "TargetLogonId",
    "TargetServerName", "LogonType", "IpAddress", "IpPort", "WorkstationName", "Workstation", "LogonProcessName",
    "AuthenticationPackageName", "LmPackageName", "PackageName", "Status", "SubStatus", "ServiceName",
    "PreAuthType", "TicketEncryptionType", "PrivilegeList", "MemberName", "MemberSid", "SamAccountName",
    "NewTargetUserName", "OldTargetUserName", "ClientAddress", "ClientName", "AccountName", "AccountDomain",
    "SourceAddress", "SourcePort", "DestAddress", "DestPort", "Protocol", "Direction", "Application", "ShareName",
    "RelativeTargetName", "ObjectName", "NewProcessName", "CommandLine", "TaskName", "ServiceFileName",
    "AuditPolicyChanges", "PreviousTime", "NewTime", "TargetSid", "CallingStationID", "NASIPv4Address",
    "NASIPv6Address", "ClientIPAddress", "NetworkPolicyName", "AuthenticationType", "EAPType", "ReasonCode", "Reason",
    "AccountSessionIdentifier",
)  # fmt: skip
"""The members of an event's data that fill a column."""

LOGINS = {
    "4624": "logon", "4625": "logon", "4634": "logoff", "4647": "logoff", "4648": "explicit_credentials",
    "4649": "replay_attack", "4672": "special_privileges", "4675": "sids_filtered", "4768": "ticket_granting_ticket",
    "4769": "service_ticket", "4770": "ticket_renewed", "4771": "preauthentication", "4772": "ticket_granting_ticket",
    "4773": "service_ticket", "4774": "account_mapped", "4775": "account_mapped", "4776": "credential_validation",
    "4777": "credential_validation", "4778": "session_reconnected", "4779": "session_disconnected",
    "4800": "workstation_locked", "4801": "workstation_unlocked", "4964": "special_groups",
    "6272": "network_access", "6273": "network_access", "6274": "network_access_discarded",
    "6276": "network_access_quarantined", "6277": "network_access_probation", "6278": "network_access_full",
}  # fmt: skip
"""Events of class `authentication` → action."""

TICKETS = ("4768", "4769", "4770", "4776")
"""Their status tells how they ended."""
SUCCEEDED = ("4624", "6272", "6277", "6278")
FAILED = ("4625", "4649", "4771", "4772", "4773", "4775", "4777", "6273")
NETWORK_POLICY = ("6272", "6273", "6274", "6276", "6277", "6278")
"""The Network Policy Server (RADIUS) about somebody who asked an access server for the network."""
KERBEROS = ("4768", "4769", "4770", "4771", "4772", "4773")

FLOWS = {"5150": "deny", "5151": "deny", "5152": "deny", "5153": "deny", "5154": "allow", "5155": "deny",
         "5156": "allow", "5157": "deny", "5158": "allow", "5159": "deny"}  # fmt: skip
"""Events of the Windows Filtering Platform, class `network` → verdict."""

OPERATIONS = {
    "1100": "log_stopped", "1101": "log_loss", "1102": "log_cleared", "1104": "log_full", "1105": "log_archived",
    "1108": "log_loss", "4608": "start", "4609": "stop", "4610": "authentication_package_loaded", "4612": "log_loss",
    "4616": "time_change", "4656": "object_access", "4657": "registry_change", "4660": "object_deleted",
    "4663": "object_access", "4670": "permission_change", "4673": "privileged_service", "4674": "privileged_object",
    "4688": "process_start", "4689": "process_end", "4697": "service_installed", "4698": "task_created",
    "4699": "task_deleted", "4700": "task_enabled", "4701": "task_disabled", "4702": "task_changed",
    "4703": "user_right_change", "4704": "user_right_change", "4705": "user_right_change", "4706": "trust_created",
    "4707": "trust_deleted", "4713": "kerberos_policy_change", "4717": "user_right_change",
    "4718": "user_right_change", "4719": "audit_policy_change", "4720": "account_created", "4722": "account_enabled",
    "4723": "password_change", "4724": "password_reset", "4725": "account_disabled", "4726": "account_deleted",
    "4727": "group_created", "4728": "group_member_added", "4729": "group_member_removed", "4730": "group_deleted",
    "4731": "group_created", "4732": "group_member_added", "4733": "group_member_removed", "4734": "group_deleted",
    "4735": "group_changed", "4737": "group_changed", "4738": "account_changed", "4739": "domain_policy_change",
    "4740": "account_locked", "4741": "computer_created", "4742": "computer_changed", "4743": "computer_deleted",
    "4754": "group_created", "4755": "group_changed", "4756": "group_member_added", "4757": "group_member_removed",
    "4758": "group_deleted", "4767": "account_unlocked", "4781": "account_renamed", "4907": "audit_policy_change",
    "5140": "share_access", "5142": "share_created", "5143": "share_changed", "5144": "share_deleted",
    "5145": "share_access", "6279": "account_locked", "6280": "account_unlocked",
}  # fmt: skip
"""Events of class `system` → operation; another is called `event`."""

LOGON_TYPES = {
    "0": "system", "2": "interactive", "3": "network", "4": "batch", "5": "service", "7": "unlock",
    "8": "network_cleartext", "9": "new_credentials", "10": "remote_interactive", "11": "cached_interactive",
    "12": "cached_remote_interactive", "13": "cached_unlock",
}  # fmt: skip

REASONS = {
    "0xc0000064": "no such user", "0xc000006a": "wrong password", "0xc000006d": "wrong user name or password",
    "0xc000006e": "account restriction", "0xc000006f": "outside the allowed hours",
    "0xc0000070": "workstation not allowed", "0xc0000071": "password expired", "0xc0000072": "account disabled",
    "0xc0000133": "clocks too far apart", "0xc000015b": "logon type not granted", "0xc000018c": "no trust",
    "0xc0000192": "logon service not started", "0xc0000193": "account expired",
    "0xc0000224": "password must be changed", "0xc0000234": "account locked out",
    "0xc0000413": "authentication firewall",
    "0x6": "no such user", "0x7": "no such service", "0x9": "no key", "0xc": "policy",
    "0x12": "account disabled, locked or expired",
    "0x17": "password expired", "0x18": "wrong password", "0x1b": "must use user to user", "0x20": "ticket expired",
    "0x25": "clocks too far apart", "0x29": "message changed", "0x3c": "generic error",
}  # fmt: skip
"""NTSTATUS codes of logons, and Kerberos result codes (RFC 4120), in words."""
