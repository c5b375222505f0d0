"""Numbers in prompts: ring sizes, widths, depths, repeats and symmetry, in English and Chinese; all lengths become mm."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import BadInput

_NUMERALS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "eighteen": 18, "twenty": 20, "twentyfour": 24,
    "twenty-four": 24, "thirty": 30, "thirty-two": 32, "thirty-six": 36,
}  # fmt: skip
_HAN_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2, "双": 2}
_SIGNED = r"(?:(?<![\w.])-)?(?<![0-9.])[0-9]{1,6}(?:\.[0-9]{1,4})?(?![0-9.]*[0-9])"
_SIZE = rf"({_SIGNED}(?:\s*[1-3]/[24](?![0-9]))?)"
_N = rf"({_SIGNED})"
_COUNT = rf"([0-9]{{1,4}}|[一二两三四五六七八九十]{{1,3}}|{'|'.join(sorted(_NUMERALS, key=len, reverse=True))})"
_MM = r"\s*-?\s*(mm|millimeters?|millimetres?|毫米|cm|centimeters?|centimetres?|厘米)(?![a-z])"
_LATIN = r"(?<![a-z])"
_HAO = r"\s*号?"
_WEAR = r"\s*(?:ring\s*)?(?:size|码|号|圈|圈口)?\s*[#:]?\s*"
HONG_KONG_OFFSET = 40  # Hong Kong and mainland labels: inner circumference in mm less 40, as the Swiss; charts differ by half a size


@dataclass(frozen=True)
class Measure:
    """A number with its meaning; ``slot`` is a field of Design, or "bare", "across" or "other" for the reader to settle."""

    slot: str
    value: float | str
    start: int
    end: int
    note: str = ""


def measures(folded: str) -> list[Measure]:
    """Measures in folded text, in order, not overlapping; earlier rules are the more certain ones. Raises BadInput for lengths out of limits."""
    found: list[Measure] = []
    free = folded
    for pattern, make in _RULES:
        for match in pattern.finditer(free):
            made = make(match)
            if made:
                found.append(Measure(made[0], made[1], match.start(), match.end(), made[2] if len(made) > 2 else ""))
                free = free[: match.start()] + "," * (match.end() - match.start()) + free[match.end():]
    return sorted(found, key=lambda measure: measure.start)


def count(word: str) -> int | None:
    """12 for "12", "twelve" and "十二"; None for what is no whole number."""
    if word.isascii():
        return int(word) if word.isdigit() else _NUMERALS.get(word)
    if "十" in word:
        tens, _, ones = word.partition("十")
        values = [_HAN_DIGITS.get(tens, 1 if not tens else None), _HAN_DIGITS.get(ones, 0 if not ones else None)]
        return None if None in values else values[0] * 10 + values[1]
    return _HAN_DIGITS.get(word)


def _number(written: str) -> float:
    whole, _, part = written.strip().partition(" ")
    if "/" in whole:
        whole, part = "0", whole
    top, _, bottom = part.strip().partition("/")
    return float(whole) + (int(top) / int(bottom) if bottom else 0.0)


def _plain(value: float) -> str:
    return f"{value:g}"


def _mm(number: str, unit: str | None) -> float:
    return _number(number) * (10.0 if unit and unit[0] in "c厘" else 1.0)


def _length(slot: str, number: str, unit: str | None, low: float, high: float) -> tuple[str, float]:
    value = _mm(number, unit)
    if not low <= value <= high:
        raise BadInput(f"{slot} is {value:g} mm; it must be between {low:g} and {high:g} mm", field=slot)
    return slot, value


def _width(m: re.Match[str]) -> tuple:
    return _length("width", m[1], m[2], 0.5, 300.0)


def _depth(m: re.Match[str]) -> tuple:
    return _length("depth", m[1], m[2], 0.02, 20.0)


def _system(name: str) -> Callable[[re.Match[str]], tuple]:
    return lambda m: ("size", f"{name} {_plain(_number(m[1]))}")


def _letter(m: re.Match[str]) -> tuple:
    return "size", f"UK {m[1].upper()}{'½' if m[2] else ''}"


def _hong_kong(m: re.Match[str]) -> tuple:
    value = _number(m[1])
    return "size", f"EU {_plain(value + HONG_KONG_OFFSET)}", f"Hong Kong {value:g} is an inner circumference of {value + 40:g} mm: EU {value + 40:g}"


def _unnamed(m: re.Match[str]) -> tuple:
    value = _number(m[1])
    if value <= 16:
        return "size", f"US {_plain(value)}", f"size {value:g} is read as US {value:g}"
    return _unnamed_hao(m)


def _unnamed_hao(m: re.Match[str]) -> tuple:
    value = _number(m[1])
    if 41 <= value <= 76:
        return "size", f"EU {_plain(value)}", f"size {value:g} is read as EU {value:g}"
    return "other", m[0], f"size {value:g} names no system; write US, UK, EU, JP, 港码 or mm"


def _thickness(m: re.Match[str]) -> tuple:
    return "other", m[0], "the thickness of the metal is set by its own option, not by words"


def _counted(slot: str, high: int) -> Callable[[re.Match[str]], tuple | None]:
    def make(m: re.Match[str]) -> tuple | None:
        value = count(m[1])
        if value is None:
            return None
        if not 1 <= value <= high:
            raise BadInput(f"{slot} is {value}; it must be between 1 and {high}", field=slot)
        return slot, float(value)

    return make


def _rule(pattern: str, make: Callable[[re.Match[str]], tuple | None]) -> tuple[re.Pattern[str], Callable[[re.Match[str]], tuple | None]]:
    return re.compile(pattern), make


_ACROSS = r"(?:(?:inner|inside|internal)\s+diameter|diameter|(?<![a-z])dia(?![a-z])|ø|内径|直径|圈口|口径)"
_IS = r"\s*(?:of|is|为|是|:|=|约)?\s*"
_RULES = (
    _rule(rf"{_LATIN}(?:us|usa|u\.s\.?|american|美国|美码|美号|美式){_WEAR}{_SIZE}{_HAO}", _system("US")),
    _rule(rf"{_LATIN}(?:uk|u\.k\.?|au|british|australian|英国|英码|英号|英式|澳码){_WEAR}([a-z])(?:\s*(1/2|\.5))?(?![a-z0-9'.])", _letter),
    _rule(rf"{_LATIN}(?:eu|european|iso|欧码|欧号|欧洲|欧式|国标|国际){_WEAR}{_SIZE}{_HAO}", _system("EU")),
    _rule(rf"{_LATIN}(?:jp|jpn|japan|japanese|日码|日号|日本|日式){_WEAR}{_SIZE}{_HAO}", _system("JP")),
    _rule(rf"{_LATIN}(?:hk|hong\s*kong|港码|港号|港度|香港){_WEAR}{_SIZE}{_HAO}", _hong_kong),
    _rule(rf"{_SIZE}(?:{_MM})\s*(?:wide|width|broad|in\s+width|宽)", lambda m: _width(m)),
    _rule(rf"(?:width|(?<![a-z])wide|宽度|宽){_IS}{_N}{_MM}", _width),
    _rule(rf"{_N}{_MM}\s*(?:deep|in\s+depth|depth|(?:low\s+|high\s+|deep\s+)?relief|深|高浮雕|浅浮雕|浮雕)", _depth),
    _rule(rf"(?:(?:relief\s+)?(?:depth|height)|(?<![a-z])deep|relief|深度|深|浮雕高度?|高度){_IS}{_N}{_MM}", _depth),
    _rule(rf"{_N}{_MM}\s*(?:thick|thickness|in\s+thickness|厚)(?![a-z])", _thickness),
    _rule(rf"(?:thickness|(?<![a-z])thick|厚度|厚){_IS}{_N}{_MM}", _thickness),
    _rule(rf"{_N}{_MM}\s*(?:in\s+)?{_ACROSS}", lambda m: ("across", _mm(m[1], m[2]))),
    _rule(rf"{_ACROSS}{_IS}{_N}(?:{_MM})?", lambda m: ("across", _mm(m[1], m[2]))),
    _rule(rf"{_LATIN}(?:ring\s+)?size\s*[#:]?\s*{_SIZE}", _unnamed),
    _rule(rf"{_LATIN}(?:ring\s+)?size\s*([a-z])(?:\s*(1/2))?(?![a-z0-9'.])", _letter),
    _rule(rf"(?:(?:尺码|圈号|手寸|指圈){_IS})?{_SIZE}\s*号", _unnamed_hao),
    _rule(rf"(?:尺码|圈号|手寸|指圈){_IS}{_SIZE}", _unnamed_hao),
    _rule(rf"{_LATIN}repeat(?:ed|s)?\s+{_COUNT}(?:\s+times)?(?![a-z0-9])", _counted("repeats", 400)),
    _rule(rf"(?<![\w.-]){_COUNT}[\s-]*(?:repeats?|repetitions|times)(?![a-z])", _counted("repeats", 400)),
    _rule(rf"重复{_COUNT}次?", _counted("repeats", 400)),
    _rule(rf"{_COUNT}(?:次|个)重复", _counted("repeats", 400)),
    _rule(rf"(?<![\w.]){_COUNT}[\s-]*(?:fold|way)(?:\s+(?:rotational\s+)?symmetr(?:y|ic|ical))?(?![a-z])", _counted("symmetry", 64)),
    _rule(rf"{_COUNT}(?:(?:重|折|向|轴)(?:旋转)?对称|等分)", _counted("symmetry", 64)),
    _rule(rf"{_N}{_MM}", lambda m: ("bare", _mm(m[1], m[2]))),
)
