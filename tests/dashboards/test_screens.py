"""The pages in chromium, from the real server: looks, keyboard, no script, small screens, and people who can't see well."""

import contextlib
import threading
import time as clock
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from api.app import create_app
from core.settings import Settings
from store import Store, keys
from tests.dashboards.conftest import fill
from tests.dashboards.made import NOW
from tests.dashboards.prefecture import BODIES
from tests.dashboards.rulebook import RULES

pytestmark = pytest.mark.chromium

AXE = (Path(__file__).parent / "vendor/axe.min.js").read_text("utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
IMAGES = Path(__file__).parents[2] / "docs/images"
CASE = "川上町 10.23.12.57"
QUIET = "松原町 config"
"""A case that no other test looks at."""


@dataclass(frozen=True)
class Served:
    """A server on loopback, and keys to it."""

    address: str
    store: Store
    cases: dict[str, str]
    keys: dict[str, str]

    def path(self, name: str) -> str:
        return {"overview": "/overview", "queue": "/cases", "case": f"/cases/{self.cases[CASE]}"}[name]


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    """The application over 見本県, at NOW for ever."""
    with Store.temporary() as store:
        cases = fill(store, NOW)
        made = {
            "analyst": keys.create(store, name="佐藤", role="analyst", tenants=[], now=NOW),
            "auditor": keys.create(store, name="監査", role="auditor", tenants=[], now=NOW),
            "town": keys.create(store, name="高橋", role="municipality", tenants=[BODIES["川上町"]], now=NOW),
        }
        app = create_app(store, Settings(home=store.home), rules=RULES, clock=lambda: NOW)
        config = uvicorn.Config(app, port=0, log_level="warning", access_log=False, lifespan="off", ws="none")
        listening = config.bind_socket()
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            while not server.started:
                clock.sleep(0.02)
            yield Served(f"http://127.0.0.1:{listening.getsockname()[1]}", store, cases, made)
        finally:
            server.should_exit = True
            thread.join(20)
            listening.close()


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Any]:
    """Debian's chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="session")
def sessions(served: Served, browser: Any) -> dict[str, Any]:
    """Who → a browser's state after logging in by the form."""
    made = {}
    for who, key in served.keys.items():
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{served.address}/overview")
        assert "/login?next=" in page.url
        page.fill("input[name=key]", key)
        page.click("button[type=submit]")
        page.wait_for_url("**/overview")
        made[who] = context.storage_state()
        context.close()
    return made


class Opened:
    """One page, and everything that the browser complained of."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.said: list[str] = []
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("requestfailed", lambda request: self.said.append(f"failed: {request.url}"))

    def until(self, condition: str) -> None:
        """Wait until a condition holds. Not playwright's own: that one evaluates text in the page, and the policy forbids it."""
        for _ in range(200):
            if self.page.evaluate(condition):
                return
            clock.sleep(0.02)
        raise AssertionError(condition)

    def wide(self) -> int:
        """How far the page reaches to the right (px)."""
        return int(self.page.evaluate("document.documentElement.scrollWidth"))

    def violations(self) -> list[str]:
        """What axe-core finds, all folds open."""
        self.page.evaluate("document.querySelectorAll('details:not(.menu, .pop)').forEach((d) => { d.open = true; })")
        self.page.evaluate(AXE)
        found = self.page.evaluate("(tags) => axe.run({ runOnly: { type: 'tag', values: tags } })", TAGS)
        return [f"{v['id']}: {[n['html'][:160] for n in v['nodes']][:3]}" for v in found["violations"]]


@contextlib.contextmanager
def opened(
    browser: Any,
    sessions: dict[str, Any],
    address: str,
    *,
    who: str = "analyst",
    width: int = 1280,
    scheme: str = "light",
    **more: Any,
) -> Iterator[Opened]:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, locale="ja-JP", timezone_id="America/New_York",
        storage_state=sessions.get(who), **more,
    )  # fmt: skip
    try:
        page = Opened(context.new_page())
        page.page.goto(address)
        yield page
    finally:
        context.close()


PAGES = ("overview", "queue", "case")
each_page = pytest.mark.parametrize("name", PAGES)


@each_page
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_the_browser_is_silent(
    served: Served, browser: Any, sessions: dict[str, Any], name: str, width: int, scheme: str, regen: bool
) -> None:
    with opened(browser, sessions, served.address + served.path(name), width=width, scheme=scheme) as page:
        if regen:
            IMAGES.mkdir(parents=True, exist_ok=True)
            page.page.wait_for_timeout(300)
            page.page.screenshot(path=IMAGES / f"{name}-{width}-{scheme}.png", full_page=True)
        assert page.violations() == []
        assert page.said == []
        assert page.wide() <= width


@pytest.mark.parametrize(
    "path", ["/login", "/overview", "/cases", "/cases?q=nothing+like+this", "/cases/K-2611-9999", "/cases?hours=5"]
)
@pytest.mark.parametrize("who", ["town", "nobody"])
def test_a_body_and_a_stranger_get_clean_pages_too(
    served: Served, browser: Any, sessions: dict[str, Any], path: str, who: str
) -> None:
    with opened(browser, sessions, served.address + path, who=who, width=390) as page:
        assert page.violations() == []
        refused = ("status of 404", "status of 400")
        assert [said for said in page.said if not any(word in said for word in refused)] == []


@each_page
@pytest.mark.parametrize("who", ["analyst", "town"])
def test_nothing_scrolls_sideways_on_the_smallest_screen(
    served: Served, browser: Any, sessions: dict[str, Any], name: str, who: str
) -> None:
    with opened(browser, sessions, served.address + served.path(name), who=who, width=320) as page:
        assert page.wide() <= 320


def test_the_chart_is_drawn_and_read_out(served: Served, browser: Any, sessions: dict[str, Any]) -> None:
    with opened(browser, sessions, f"{served.address}/overview") as page:
        canvas = page.page.locator("#denied canvas")
        assert canvas.count() == 1
        painted = canvas.evaluate(
            "(c) => { const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
            " let n = 0; for (let i = 3; i < d.length; i += 4) if (d[i]) n += 1; return n / (d.length / 4); }"
        )
        assert painted > 0.15
        before = page.page.inner_text("#denied-readout")
        assert before.startswith("最大は")
        page.page.locator("#denied .u-over").hover(position={"x": 200, "y": 60})
        page.until("document.getElementById('denied-readout').textContent.includes('合計')")
        assert page.said == []


def test_hands_may_stay_on_the_keyboard(served: Served, browser: Any, sessions: dict[str, Any]) -> None:
    with opened(browser, sessions, f"{served.address}/cases") as opened_page:
        page = opened_page.page
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("k")
        first = page.get_attribute(".queue tr.is-cursor", "data-case")
        assert first == served.cases["青葉市 203.0.113.77"]
        page.keyboard.press("x")
        assert page.inner_text(".bulkbar .said") == "1 件を選択中"
        page.keyboard.press("/")
        page.keyboard.type("jk")
        assert page.input_value("#f-q") == "jk"
        page.keyboard.press("Escape")
        page.keyboard.press("j")
        page.keyboard.press("k")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/cases/{first}")


def test_single_keys_can_be_switched_off(served: Served, browser: Any, sessions: dict[str, Any]) -> None:
    with opened(browser, sessions, f"{served.address}/cases") as opened_page:
        page = opened_page.page
        page.click("text=キー操作を切る")
        page.keyboard.press("j")
        assert page.locator(".queue tr.is-cursor").count() == 0
        page.reload()
        page.keyboard.press("j")
        assert page.locator(".queue tr.is-cursor").count() == 0
        page.click("text=キー操作を使う")
        page.keyboard.press("j")
        assert page.locator(".queue tr.is-cursor").count() == 1


def test_filters_apply_in_place_and_keep_the_focus(served: Served, browser: Any, sessions: dict[str, Any]) -> None:
    with opened(browser, sessions, f"{served.address}/cases") as opened_page:
        page = opened_page.page
        page.evaluate("window.same = true")
        page.focus("#f-severity-critical")
        page.keyboard.press("Space")
        page.wait_for_url("**/cases?*severity=critical*")
        opened_page.until("document.querySelectorAll('.queue tr[data-case]').length === 1")
        assert page.evaluate("window.same"), "the page was not loaded anew"
        assert page.evaluate("document.activeElement.id") == "f-severity-critical"
        page.click(".chip a")
        opened_page.until("document.querySelectorAll('.queue tr[data-case]').length > 5")
        assert opened_page.said == []


def test_a_group_opens_and_closes_in_place(served: Served, browser: Any, sessions: dict[str, Any]) -> None:
    with opened(browser, sessions, f"{served.address}/cases") as opened_page:
        page = opened_page.page
        members = page.locator(".queue tr.is-member").count()
        page.locator(".opener[aria-expanded=true]").first.click()
        opened_page.until(f"document.querySelectorAll('.queue tr.is-member').length < {members}")
        assert opened_page.said == []


def test_when_the_session_has_ended_the_way_leads_to_the_log_in_page(
    served: Served, browser: Any, sessions: dict[str, Any]
) -> None:
    with opened(browser, sessions, f"{served.address}/cases") as opened_page:
        opened_page.page.context.clear_cookies()
        opened_page.page.click("#f-severity-critical")
        opened_page.page.wait_for_url("**/login?next=*")


def test_old_numbers_do_not_pass_for_new_ones(served: Served, browser: Any, sessions: dict[str, Any]) -> None:
    with opened(browser, sessions, f"{served.address}/cases") as opened_page:
        page = opened_page.page
        page.route("**/cases?*", lambda route: route.abort())
        page.click("#f-severity-critical")
        page.wait_for_selector("text=更新できていません。14:32:10 の内容です。")


def test_everything_works_without_script(served: Served, browser: Any, sessions: dict[str, Any]) -> None:
    case = served.cases[QUIET]
    with opened(browser, sessions, f"{served.address}/cases", java_script_enabled=False) as opened_page:
        page = opened_page.page
        page.check("#f-severity-low")
        page.click("noscript >> button")
        page.wait_for_url("**/cases?*severity=low*")
        page.click(f"tr[data-case='{case}'] .title")
        page.wait_for_url(f"**/cases/{case}")
        page.select_option("select[name=status]", "in_progress")
        page.fill("textarea[name=comment]", "団体へ電話した <b>済</b>")
        page.click("text=記録する")
        page.wait_for_url(f"**/cases/{case}")
        log = page.inner_text("[aria-label='対応の記録']")
        assert "団体へ電話した <b>済</b>" in log
        assert "対応中" in page.inner_text(".lead-tags")
        page.goto(f"{served.address}/overview")
        page.click("text=表で見る")
        assert "14時台" in page.inner_text("[aria-label='LGWAN向け拒否の表']")


def test_who_comes_second_sees_what_he_wrote_and_why_it_was_not_taken(
    served: Served, browser: Any, sessions: dict[str, Any]
) -> None:
    case = served.cases["若葉町 10.24.12.21"]
    with (
        opened(browser, sessions, f"{served.address}/cases/{case}") as one,
        opened(browser, sessions, f"{served.address}/cases/{case}") as two,
    ):
        one.page.fill("textarea[name=comment]", "先")
        one.page.click("text=記録する")
        one.page.wait_for_selector("text=先")
        two.page.fill("textarea[name=comment]", "後")
        two.page.click("text=記録する")
        two.page.wait_for_selector("[role=alert]")
        assert two.page.input_value("textarea[name=comment]") == "後"


def test_the_filter_sheet_of_a_small_screen_needs_no_script(
    served: Served, browser: Any, sessions: dict[str, Any]
) -> None:
    with opened(browser, sessions, f"{served.address}/cases", width=390, java_script_enabled=False) as opened_page:
        page = opened_page.page
        assert not page.is_visible("#f-severity-high")
        page.click("a[href='#facets']")
        page.check("#f-severity-high")
        page.click(".facets-apply")
        page.wait_for_url("**severity=high*")


def test_the_parts_that_stick_never_cover_what_has_the_focus(
    served: Served, browser: Any, sessions: dict[str, Any]
) -> None:
    with opened(browser, sessions, f"{served.address}/cases") as opened_page:
        page = opened_page.page
        page.check(".queue input[type=checkbox] >> nth=0")
        for title in page.locator(".queue .title").all():
            title.focus()
            covered = page.evaluate(
                "() => { const b = document.activeElement.getBoundingClientRect();"
                " return document.querySelector('.bulkbar').contains(document.elementFromPoint(b.x + 2, b.y + 2)); }"
            )
            assert not covered
