"""Terminals, servers and devices (端末・機器): import, list, check."""

from __future__ import annotations

from cli._registers import register_app

app = register_app("assets", "Terminals, servers and devices (端末・機器): import, list, check.")
