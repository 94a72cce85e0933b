"""Text that others wrote: nothing of it may act, hide, or move its neighbours."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from dashboards.hostile import LONGEST_LINE, LONGEST_VALUE, RawLine, Shown, shown

MOVES = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
"""Characters that turn the direction of text around."""
UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u3164\u115f"


def test_markup_is_text() -> None:
    html = str(escape(shown('<script>alert("x")</script>')))
    assert html == "<bdi>&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;</bdi>"


@pytest.mark.parametrize("character", MOVES + UNSEEN, ids=lambda c: f"{ord(c):04x}")
def test_what_moves_or_hides_is_written_out(character: str) -> None:
    html = str(escape(shown(f"a{character}b")))
    written = "".join(f"\\x{byte:02x}" for byte in character.encode())
    assert html == f'<bdi>a<span class="bad">{written}</span>b</bdi>'
    assert shown(f"a{character}b").plain == f"a{written}b"


def test_control_characters_and_what_the_parsers_wrote_look_the_same() -> None:
    assert str(escape(shown("a\x1b[2J"))) == '<bdi>a<span class="bad">\\x1b</span>[2J</bdi>'
    assert str(escape(shown("a\\x1b[2J"))) == str(escape(shown("a\x1b[2J")))


def test_a_lone_surrogate_does_not_break_the_page() -> None:
    assert str(escape(shown("\udce3"))).encode() == b'<bdi><span class="bad">\\xed\\xb3\\xa3</span></bdi>'


def test_rare_characters_of_japanese_names_stay() -> None:
    assert shown("葛\U000e0100飾・𠮷・髙").plain == "葛\U000e0100飾・𠮷・髙"


def test_a_long_value_is_cut_and_says_so() -> None:
    html = str(escape(shown("a" * (LONGEST_VALUE + 7))))
    assert "ほか 7 文字" in html
    assert shown("a" * (LONGEST_VALUE + 7)).plain == "a" * LONGEST_VALUE + "…"


@given(st.text(st.characters(codec=None), max_size=60))
def test_no_text_comes_out_as_anything_else(text: str) -> None:
    html = str(escape(Shown(text)))
    inside = html.removeprefix("<bdi>").removesuffix("</bdi>").replace('<span class="bad">', "").replace("</span>", "")
    assert not set("<>\"'") & set(inside)
    assert not set(MOVES + UNSEEN) & set(html)
    assert all(c in string.printable or c.isprintable() or ord(c) > 0x7F for c in html)
    html.encode()


def test_a_raw_line_marks_whole_words_only() -> None:
    line = RawLine(b"src=10.1.2.3 dst=110.1.2.34 peer=10.1.2.3:445 port=445 n=4450", marks=("10.1.2.3", "445"))
    assert str(escape(line)) == (
        "src=<mark>10.1.2.3</mark> dst=110.1.2.34 peer=<mark>10.1.2.3</mark>:<mark>445</mark> "
        "port=<mark>445</mark> n=4450"
    )


def test_a_longer_value_is_marked_before_one_inside_it() -> None:
    line = RawLine(
        b"mac=00:00:5e:00:53:1c ip=2001:db8::1 x=2001:db8::12", marks=("00:00:5e:00:53:1c", "2001:db8::1", "00")
    )
    assert str(escape(line)) == ("mac=<mark>00:00:5e:00:53:1c</mark> ip=<mark>2001:db8::1</mark> x=2001:db8::12")


def test_a_mark_can_be_hostile_itself() -> None:
    line = RawLine(b'user="<b>.*" x', marks=("<b>.*",))
    assert str(escape(line)) == "user=&#34;<mark>&lt;b&gt;.*</mark>&#34; x"


def test_bytes_that_are_no_text_stand_where_they_were() -> None:
    line = RawLine(b"name=\xe3\x81\x82\xe3\x81 \x00\x1b[2J\tend")
    assert str(escape(line)) == (
        'name=あ<span class="bad">\\xe3\\x81</span> <span class="bad">\\x00\\x1b</span>[2J\tend'
    )


def test_a_line_is_read_in_the_encoding_of_its_source() -> None:
    assert str(escape(RawLine("総務課".encode("cp932"), "cp932"))) == "総務課"
    assert '<span class="bad">' in str(escape(RawLine("総務課".encode("cp932"), "utf-8")))


def test_an_endless_line_is_cut() -> None:
    html = str(escape(RawLine(b"a" * (LONGEST_LINE + 1000))))
    assert len(html) < LONGEST_LINE + 200
    assert "ほか 1,000 バイト" in html


@given(st.binary(max_size=200), st.lists(st.text(max_size=5), max_size=3))
def test_no_line_comes_out_as_anything_else(raw: bytes, marks: list[str]) -> None:
    html = str(escape(RawLine(raw, marks=tuple(marks))))
    for tag in ("<mark>", "</mark>", '<span class="bad">', "</span>"):
        html = html.replace(tag, "")
    assert not set("<>\"'") & set(html)
    assert not set(MOVES + UNSEEN) & set(html)
    html.encode()
