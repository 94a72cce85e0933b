"""Receive, spool, parse, commit: from a delivery to its receipt."""
