"""Stylesheet, templates and scripts: nothing inline, nothing that the policy would refuse, nothing left over."""

import json
import re
from pathlib import Path

import pytest

import dashboards

ROOT = Path(dashboards.__file__).parent
TEMPLATES = sorted((ROOT / "templates").glob("*.html"))
SCRIPTS = sorted((ROOT / "static").glob("*.js"))
CSS = (ROOT / "static/hinomi.css").read_text("utf-8")
SOURCES = "\n".join(p.read_text("utf-8") for p in [*TEMPLATES, *SCRIPTS, *ROOT.rglob("*.py")])
THEIRS = {"uplot", "u-cursor-x"}
"""Classes that uPlot gives to its own elements."""


def classes() -> list[str]:
    rules = re.sub(r"/\*.*?\*/|\"[^\"]*\"", "", CSS, flags=re.S)
    return sorted(set(re.findall(r"\.([a-z][a-z0-9-]*)(?=[^{}]*\{)", rules)) - THEIRS)


@pytest.mark.parametrize("name", classes())
def test_a_class_of_the_stylesheet_is_used(name: str) -> None:
    # Some are put together: class="sev-{{ level.code }}".
    parts = name.split("-")
    stems = ["-".join(parts[:n]) + "-{{" for n in range(1, len(parts))]
    assert re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", SOURCES) or any(stem in SOURCES for stem in stems)


@pytest.mark.parametrize("name", sorted(set(re.findall(r"var\((--[a-z0-9-]+)\)", CSS))))
def test_a_token_that_is_used_is_defined(name: str) -> None:
    assert f"  {name}: " in CSS or f"; {name}: " in CSS


@pytest.mark.parametrize("name", sorted(set(re.findall(r"(--[a-z0-9-]+):", CSS))))
def test_a_token_that_is_defined_is_used(name: str) -> None:
    assert f"var({name})" in CSS


def test_braces_pair_up() -> None:
    assert CSS.count("{") == CSS.count("}")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.name)
def test_a_template_holds_nothing_that_the_policy_refuses(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son[a-z]+\s*=", text)
    assert not re.search(r"hx-on|data-hx-vals=.js:|javascript:", text)
    for tag in re.findall(r"<script[^>]*>", text):
        assert ' src="/static/' in tag or ' type="application/json"' in tag
    assert "http://" not in text
    assert "https://" not in text


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.name)
def test_a_template_trusts_nothing_but_our_own_icons(path: Path) -> None:
    unsafe = re.findall(r"\{\{[^}]*\|\s*safe\b[^}]*\}\}", path.read_text("utf-8"))
    assert unsafe == (["{{ symbols[name][1]|safe }}"] if path.name == "sprite.html" else [])


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.name)
def test_a_script_writes_text_never_markup(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|fetch\(", text)


def test_htmx_is_told_to_stay_within_the_policy() -> None:
    (config,) = re.findall(r"name=\"htmx-config\" content='([^']*)'", (ROOT / "templates/base.html").read_text("utf-8"))
    assert json.loads(config) == {"includeIndicatorCSS": False, "history": "reload"}
