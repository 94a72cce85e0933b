"""Registered communication (特定通信): import, list, check."""

from __future__ import annotations

from cli._registers import register_app

app = register_app("flows", "Registered communication (特定通信): import, list, check.")
