"""What stands around a page: the state of Hinomi itself, and which pages a reader has."""

import pytest

from dashboards import frame
from dashboards.visit import Visit
from store import questions as q
from store.keys import Everyone, Reader, Role
from tests.dashboards.made import HOUR, MINUTE, NOW, TOWN, body, health

ALL = Reader("佐藤", Role.ANALYST, Everyone.ALL, "0a1b2c3d")
ONE = Reader("高橋", Role.MUNICIPALITY, frozenset({TOWN}), "1a1b2c3d")
FAILED = q.Run(started=NOW - MINUTE, ended=NOW, seq=9, cells=0, alerts=0, error="full disk")


@pytest.mark.parametrize(
    ("changes", "kind", "said"),
    [
        ({}, "ok", ("最後の行 3秒前", "評価待ちなし", "期限超過なし")),
        ({"silent": 2}, "ok", ("最後の行 3秒前", "評価待ちなし", "期限超過なし")),
        ({"silent": 5}, "stop", ("すべてのログ送信元が途絶(3秒前から)", "評価待ちなし", "期限超過なし")),
        ({"last_received": None}, "warn", ("まだ1行も受信していません", "評価待ちなし", "期限超過なし")),
        ({"sources": 0, "last_received": None}, "warn", ("ログ送信元の登録がありません", "評価待ちなし", "期限超過なし")),
        ({"due": 3}, "ok", ("最後の行 3秒前", "最大2分前まで評価済み", "期限超過なし")),
        ({"due": 3, "evaluated_to": NOW - 16 * MINUTE}, "warn", ("最後の行 3秒前", "最大16分前まで評価済み", "期限超過なし")),
        ({"due": 3, "evaluated_to": NOW - 2 * HOUR}, "stop", ("最後の行 3秒前", "最大2時間前まで評価済み", "期限超過なし")),
        ({"last_run": None}, "warn", ("最後の行 3秒前", "まだ実行されていません", "期限超過なし")),
        ({"last_run": FAILED}, "stop", ("最後の行 3秒前", "14:31 の実行が失敗しました", "期限超過なし")),
        ({"failed": 2}, "stop", ("最後の行 3秒前", "失敗した評価 2 件", "期限超過なし")),
        ({"overdue": 1}, "warn", ("最後の行 3秒前", "評価待ちなし", "期限超過 1 件")),
    ],
)  # fmt: skip
def test_the_worst_of_receiving_detecting_and_telling_decides(
    changes: dict[str, object], kind: str, said: tuple[str, ...]
) -> None:
    made = frame.banner(health(**changes), NOW)
    assert (made.kind, tuple(word for _, word in made.parts)) == (kind, said)


def test_the_bar_names_the_cloud_or_the_one_body() -> None:
    bodies = [body(code="470007", name="見本県", kind="prefecture"), body()]
    assert frame.place(bodies, whole=True) == "見本県 セキュリティクラウド"
    assert frame.place([body()], whole=False) == "川上町"
    assert frame.place(bodies, whole=False) == ""


def test_only_pages_that_exist_are_linked() -> None:
    whole = frame.links(Visit(ALL, NOW), 48, "cases")
    assert [(link.href, link.word, link.current, link.number) for link in whole] == [
        ("/overview", "県全体", False, None), ("/cases", "案件", True, 48),
    ]  # fmt: skip
    assert frame.links(Visit(ONE, NOW), 4, "overview")[0].word == "受信状況と案件"
