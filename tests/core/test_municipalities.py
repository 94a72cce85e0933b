"""Municipality codes and their check digit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import municipalities
from core.errors import RegisterError


@pytest.mark.parametrize(
    "code", ["011002", "131016", "132047", "271004", "272035", "472018", "011011", "012050", "010006", "470007"]
)
def test_published_codes_are_valid(code: str) -> None:
    assert municipalities.checked(code) == code
    assert municipalities.code(code[:5]) == code


@given(st.integers(1, 47), st.integers(0, 999), st.integers(1, 9))
def test_any_other_check_digit_is_refused_and_the_right_one_named(prefecture: int, body: int, off: int) -> None:
    code = municipalities.code(f"{prefecture:02}{body:03}")
    wrong = code[:5] + str((int(code[5]) + off) % 10)
    with pytest.raises(RegisterError, match=f"{code[:5]} takes {code[5]}"):
        municipalities.checked(wrong)


@pytest.mark.parametrize("text", ["13101", "1310160", "13101x", "480000", "000000", "１３１０１６", ""])
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(RegisterError):
        municipalities.checked(text)


def test_there_are_47_prefectures_and_each_has_its_code() -> None:
    assert len(municipalities.PREFECTURES) == 47
    assert municipalities.prefecture_code("131016") == "130001"
    assert municipalities.prefecture_of("472018") == "沖縄県"
