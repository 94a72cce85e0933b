"""The pages over a whole prefecture: what is on them, for whom, and at what cost."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from html.parser import HTMLParser

import pytest
import sqlalchemy as sa

import dashboards
from core.errors import InputError, NotFoundError
from dashboards import Rendered, Visit
from store.keys import Reader
from tests.dashboards.conftest import ANALYST, AUDITOR, TOWN, Made
from tests.dashboards.prefecture import BODIES, NAMES

KAWAKAMI = "川上町 10.23.12.57"
PAGES = ("overview", "queue", "case")
READERS = {"analyst": ANALYST, "auditor": AUDITOR, "town": TOWN}
NEVER_CLOSED = {"meta", "link", "input", "br"}


class Shape(HTMLParser):
    """Whether elements close in order, ids are single, and labels and links lead somewhere."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.refers: list[str] = []
        self.text: list[str] = []
        self.feed(html)
        assert self.open == [], "not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in NEVER_CLOSED:
            self.open.append(tag)
        for name, value in attrs:
            assert name not in {"style"}
            assert not name.startswith("on")
            if name == "id":
                self.ids.append(value or "")
            if name in {"aria-labelledby", "for", "list", "form"}:
                self.refers += (value or "").split()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in NEVER_CLOSED:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def shown(made: Made, name: str, visit: Visit | None = None, *, reader: Reader = ANALYST) -> Rendered:
    case = KAWAKAMI if name == "case" else ""
    return dashboards.render(name, made.store, visit or made.visit(reader, case))


def words(html: str) -> str:
    return re.sub(r"\s+", " ", "".join(Shape(html).text))


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("reader", READERS.values(), ids=READERS.keys())
def test_a_page_is_well_formed_for_every_reader(made: Made, name: str, reader: Reader) -> None:
    page = shown(made, name, reader=reader)
    assert page.status == 200
    shape = Shape(page.html)
    assert len(shape.ids) == len(set(shape.ids))
    assert set(shape.refers) <= set(shape.ids)
    drawn = set(re.findall(r'href="#i-([a-z]+)"', page.html))
    assert drawn == set(re.findall(r'<symbol id="i-([a-z]+)"', page.html)), "a page carries only what it uses"


@pytest.mark.parametrize("name", ["login", "error"])
def test_pages_before_the_door_ask_nothing_of_the_store(name: str) -> None:
    visit = Visit(
        None,
        0,
        path={"status": "404"},
        params={"next": ["/cases?q=\"'<b>"]},
        problem="鍵が違います" if name == "login" else "",
    )
    page = dashboards.render(name, None, visit)
    Shape(page.html)
    assert page.status == {"login": 401, "error": 404}[name]
    if name == "login":
        assert "鍵が違います" in page.html
        assert 'value="/cases?q=&#34;&#39;&lt;b&gt;"' in page.html


def test_there_is_no_page_of_another_name(made: Made) -> None:
    with pytest.raises(KeyError):
        dashboards.render("../case", made.store, made.visit())


def test_the_overview_says_who_sends_and_what_burns(made: Made) -> None:
    text = words(shown(made, "overview").html)
    assert "10 団体・ログ送信元 47" in text
    assert "途絶 5時間12分" in text
    assert "LGWAN用FWのうち 8 団体は拒否ログのみの受信です" in text
    assert "未評価の期間はありません。" in text
    assert all(name in text for name in NAMES)
    assert text.index("公開サイトへの大量アクセス") < text.index("内部走査(複数ポート)"), "the gravest first"


def test_the_queue_groups_what_many_have(made: Made) -> None:
    text = words(shown(made, "queue").html)
    assert "48 件(13 行にまとめて表示)" in text
    assert "24 案件 ・ RMT-2" in text
    assert "残り 4分" in text
    assert "遡及 1 件は別枠です" in text


def test_a_number_of_the_matrix_leads_to_as_many_cases(made: Made) -> None:
    html = shown(made, "overview").html
    found = re.findall(
        r'<a href="/cases\?([^"]*severity=[^"]*)"><span class="sev-count \w+">.*?</svg>(\d+)</span>', html
    )
    assert len(found) > 10
    for query, number in found[:12]:
        params: dict[str, list[str]] = {}
        for pair in query.replace("&amp;", "&").split("&"):
            name, _, value = pair.partition("=")
            params.setdefault(name, []).append(value)
        listed = words(shown(made, "queue", made.visit(params=params)).html)
        assert f"案件 {number} 件" in listed


def test_the_case_says_what_happened_why_and_on_which_terminal(made: Made) -> None:
    html = shown(made, "case").html
    text = words(html)
    assert "川上町 総務課の端末 KWK-SOMU-014 が、LGWAN の 61 台に" in text
    assert "拒否ログのみの受信 許可の有無は判断できません。" in text
    assert "観測 23 台 / 10分" in text
    assert "MAC 一致" in text
    assert '<span class="bad">\\x1b</span>[2J<span class="bad">\\x00</span><span class="bad">\\xe3\\x81</span>' in html
    assert "dstport=<mark>3389</mark>" in html
    assert "非該当: 設定不備" in text
    assert 'name="csrf" value="token"' in html


def test_all_lines_of_an_alert_are_reached_page_by_page(made: Made) -> None:
    first = shown(made, "case").html
    (alert,) = re.findall(r"\?evidence=([0-9a-f]{64})#h-raw", first)
    everything = shown(made, "case", made.visit(case=KAWAKAMI, params={"evidence": [alert]})).html
    assert everything.count('<span class="place">') == 60
    assert "全 60 行" in words(everything)
    with pytest.raises(NotFoundError):
        shown(made, "case", made.visit(case=KAWAKAMI, params={"evidence": ["f" * 64]}))


def test_a_body_sees_itself_alone(made: Made) -> None:
    for name in PAGES:
        text = words(shown(made, name, reader=TOWN).html)
        assert "川上町" in text
        assert not [other for other in NAMES if other != "川上町" and other in text]
        assert not [other for other in BODIES.values() if other != BODIES["川上町"] and other in text]
    assert "他 2 団体でも検知" in words(shown(made, "case", reader=TOWN).html)
    with pytest.raises(NotFoundError):
        dashboards.render("case", made.store, made.visit(TOWN, "青葉市 203.0.113.77"))


@pytest.mark.parametrize("reader", [AUDITOR, TOWN], ids=["auditor", "town"])
def test_who_only_reads_has_no_forms_to_judge_with(made: Made, reader: Reader) -> None:
    for name in ("queue", "case"):
        html = shown(made, name, reader=reader).html
        assert "triage" not in html.replace('action="/cases/triage" aria-label', "")
        assert 'type="checkbox" name="case"' not in html


def test_a_judgement_that_came_too_late_is_shown_again_with_what_was_written(made: Made) -> None:
    visit = made.visit(
        case=KAWAKAMI,
        problem="ほかの人が先に変更しました。",
        form={"status": ["dismissed"], "comment": ["<旧>"], "reason": ["benign"]},
    )
    page = dashboards.render("case", made.store, visit)
    assert page.status == 409
    assert "ほかの人が先に変更しました。" in page.html
    assert "&lt;旧&gt;</textarea>" in page.html
    assert 'value="benign" required checked' in page.html


def test_filters_narrow_and_say_so(made: Made) -> None:
    text = words(shown(made, "queue", made.visit(params={"q": ["KWK-SOMU-014"]})).html)
    assert "案件 1 件" in text
    assert "検索: KWK-SOMU-014" in text
    none = words(shown(made, "queue", made.visit(params={"nature": ["fault"]})).html)
    assert "この条件に当てはまる案件はありません。" in none
    with pytest.raises(InputError):
        shown(made, "queue", made.visit(params={"severity": ["<script>"]}))
    with pytest.raises(InputError):
        shown(made, "overview", made.visit(params={"hours": ["25"]}))


@contextmanager
def counted(made: Made) -> Iterator[list[str]]:
    found: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            found.append(statement)

    sa.event.listen(made.store.catalogue.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        sa.event.remove(made.store.catalogue.engine, "before_cursor_execute", note)


def test_a_longer_list_costs_no_more_questions(made: Made) -> None:
    few = made.visit(params={"severity": ["critical"]})
    with counted(made) as small:
        shown(made, "queue", few)
    with counted(made) as large:
        shown(made, "queue", replace(few, params={"group": ["0"]}))
    assert len(large) == len(small)


@pytest.mark.parametrize("name", PAGES)
def test_the_questions_of_a_page_are_few(made: Made, name: str) -> None:
    with counted(made) as asked:
        shown(made, name)
    # What a source last sent is asked source by source.
    of_sources = ("FROM batches", "FROM deliveries", "FROM repeats")
    assert len([one for one in asked if not any(table in one for table in of_sources)]) <= 50


def test_others_are_counted_by_rule(made: Made) -> None:
    assert "他 2 団体でも検知" in words(shown(made, "case").html)
    p2p = words(dashboards.render("case", made.store, made.visit(case="白波町 10.26.30.7")).html)
    assert "団体でも検知" not in p2p


def test_a_case_that_went_into_another_leads_there(made: Made) -> None:
    page = dashboards.render("case", made.store, replace(made.visit(), path={"case_id": "K-2611-0001"}))
    assert "K-2611-0428" in words(page.html)
    assert 'href="/cases/K-2611-0428"' in page.html


def test_a_chain_of_days_is_a_table_that_leads_to_each(made: Made) -> None:
    page = dashboards.render("case", made.store, made.visit(case="白波町 10.26.30.7"))
    assert "4 日分の検知からなる案件です。" in words(page.html)
    found = re.findall(r'<a href="(/cases/[^"?]+)\?alert=([0-9a-f]{64})">(\d+月\d+日)</a>', page.html)
    assert [day for _, _, day in found] == ["11月20日", "11月19日", "11月18日", "11月17日"]
    older = dashboards.render("case", made.store, made.visit(case="白波町 10.26.30.7", params={"alert": [found[2][1]]}))
    assert "11月18日の検知" in words(older.html)
