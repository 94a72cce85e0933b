"""What is shown instead of a page: what happened, and what to do now."""

from __future__ import annotations

from dashboards.frame import bare
from dashboards.templating import fill
from dashboards.visit import Rendered, Visit
from store import Store

WORDS = {
    "400": ("この条件では表示できません", "アドレスに書かれた条件を見直すか、はじめの画面からたどってください。"),
    "401": ("ログインが必要です", "ログインの期限が切れています。もう一度ログインしてください。"),
    "403": ("この操作は許されていません", "鍵の役割では、この操作はできません。"),
    "404": ("見つかりません", "この案件はないか、この鍵では見ることができません。"),
    "409": ("ほかの人が先に変更しました", "画面を開き直して、いまの内容を確かめてください。"),
    "500": ("火の見の誤りです", "この画面を開いた時刻を添えて、運用の担当者に知らせてください。"),
    "503": ("データを開けません", "運用の担当者に知らせてください。"),
}


def page(store: Store, visit: Visit) -> Rendered:
    """The page of a status code; what has no words of its own gets those of its hundred."""
    status = visit.path.get("status", "500")
    heading, advice = WORDS.get(status) or WORDS["400" if status.startswith("4") else "500"]
    return Rendered(int(status), fill("error.html", frame=bare(visit), status=status, heading=heading, advice=advice))
