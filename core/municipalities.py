"""全国地方公共団体コード: six digits that name a body, the last one a check digit.

Source: 総務省「全国地方公共団体コード」: the first five digits are weighted 6, 5, 4, 3, 2; the check digit is the last
digit of 11 minus the remainder of the sum by 11. Bodies without an official code get one of the same form.
"""

from __future__ import annotations

from core.errors import RegisterError

_NAMES = """
北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県
東京都 神奈川県 新潟県 富山県 石川県 福井県 山梨県 長野県 岐阜県 静岡県 愛知県 三重県
滋賀県 京都府 大阪府 兵庫県 奈良県 和歌山県 鳥取県 島根県 岡山県 広島県 山口県 徳島県
香川県 愛媛県 高知県 福岡県 佐賀県 長崎県 熊本県 大分県 宮崎県 鹿児島県 沖縄県
"""
PREFECTURES = dict(enumerate(_NAMES.split(), 1))
"""Prefecture number (JIS X 0401) → name."""


def check_digit(first_five: str) -> int:
    """The check digit of five digits."""
    return (11 - sum(int(d) * w for d, w in zip(first_five, (6, 5, 4, 3, 2), strict=True)) % 11) % 10


def code(first_five: str) -> str:
    """The six-digit code of five digits."""
    return f"{first_five}{check_digit(first_five)}"


def checked(text: str) -> str:
    """`text` as a valid code; RegisterError says what is wrong and what was expected."""
    text = text.strip()
    if len(text) != 6 or not text.isascii() or not text.isdigit():
        raise RegisterError(f"団体コード {text!r}: six digits are needed, e.g. 131016 (a leading zero counts)")
    if int(text[:2]) not in PREFECTURES:
        raise RegisterError(f"団体コード {text}: {text[:2]} is no prefecture (01 to 47)")
    if text[5] != str(check_digit(text[:5])):
        raise RegisterError(f"団体コード {text}: wrong check digit, {text[:5]} takes {check_digit(text[:5])}")
    return text


def prefecture_of(text: str) -> str:
    """Name of the prefecture that a code lies in."""
    return PREFECTURES[int(text[:2])]


def prefecture_code(text: str) -> str:
    """Code of the prefecture that a code lies in: 131016 → 130001."""
    return code(f"{text[:2]}000")
