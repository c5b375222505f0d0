"""Rows of three numbers as lines of text, built in numpy: all digits of a column at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

ROWS = 1 << 16  # lines built at a time, so that the work stays in the cache
MINUS, ZERO, POINT = ord("-"), ord("0"), ord(".")


def lines(words: Sequence[bytes], numbers: np.ndarray, decimals: int) -> Iterator[bytes]:
    """Pieces of text, one line a row of ``numbers`` (n, k): ``words[0]``, a number, ``words[1]``, …, ``words[k]``.

    Numbers are rounded to ``decimals`` places (0: whole numbers), without leading zeros. They must be finite and below
    9e18 once multiplied by ten to the ``decimals``. Each field is built as wide as the longest number needs, the places
    not used are zero bytes, and these are dropped from the whole block in one go.
    """
    for start in range(0, len(numbers), ROWS):
        block = numbers[start : start + ROWS]
        whole = np.rint(block.astype(np.float64) * 10.0**decimals).astype(np.int64) if decimals else block.astype(np.int64)
        size = np.abs(whole)
        places = max(len(str(int(size.max(initial=0)))), decimals + 1)
        field = 1 + places + (decimals > 0)
        width = sum(map(len, words)) + field * whole.shape[1]
        text = np.empty((len(block), width), np.uint8)
        at = 0
        for k in range(whole.shape[1]):
            text[:, at : at + len(words[k])] = np.frombuffer(words[k], np.uint8)
            at += len(words[k])
            _write(text[:, at : at + field], whole[:, k] < 0, size[:, k], places, decimals)
            at += field
        text[:, at:] = np.frombuffer(words[-1], np.uint8)
        flat = text.ravel()
        yield flat[flat != 0].tobytes()


def _write(text: np.ndarray, negative: np.ndarray, size: np.ndarray, places: int, decimals: int) -> None:
    """Fill the columns of ``text``: a sign, then ``places`` digits with the point before the last ``decimals``."""
    text[:, 0] = negative * MINUS
    column = text.shape[1] - 1
    rest = size
    for place in range(places):
        if decimals and place == decimals:
            text[:, column] = POINT
            column -= 1
        shorter = rest // 10
        digit = (rest - shorter * 10 + ZERO).astype(np.uint8)
        if place > decimals:  # a leading zero is no digit; the one before the point is
            digit *= rest > 0
        text[:, column] = digit
        column -= 1
        rest = shorter
