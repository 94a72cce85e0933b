"""Feeds (ログ送信元): import, list, check."""

from __future__ import annotations

from cli._registers import register_app

app = register_app("sources", "Feeds (ログ送信元): import, list, check.")
