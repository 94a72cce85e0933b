"""Names of time zones that Cisco devices write behind their time: free text of the configuration.

A name that the source's own zone doesn't use says nothing; it must not be taken for the device's name either.
"""

ABBREVIATIONS = (
    "UTC|GMT|JST|KST|HKT|SGT|ICT|WIB|PHT|IST|MSK|WET|WEST|BST|CET|CEST|EET|EEST|EST|EDT|CST|CDT|MST|MDT|PST|PDT|AKST|"
    "AKDT|HST|AEST|AEDT|ACST|ACDT|AWST|NZST|NZDT"
)
