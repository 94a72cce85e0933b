"""Bodies (団体): import, list, check."""

from __future__ import annotations

from cli._registers import register_app

app = register_app("tenants", "Bodies (団体): import, list, check.")
