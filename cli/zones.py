"""Address prefixes and their zones (領域): import, list, check."""

from __future__ import annotations

from cli._registers import register_app

app = register_app("zones", "Address prefixes and their zones (領域): import, list, check.")
