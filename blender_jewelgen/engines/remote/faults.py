"""What a service's refusal means, in one sentence, and what mends it. No key and no signed link is ever in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ...core.errors import BadInput, Fix

_LONGEST = 160  # letters of what a service says
_LINK = re.compile(r"(https?://[^\s?\"'<>]*)\?[^\s\"'<>]*")
_BEARER = re.compile(r"(?i)bearer\s+\S+")
_TAG = re.compile(r"<[^>]*>")
NO_CREDITS = (2010,)  # codes of Tripo that come with other statuses


class Refused(Exception):
    """A service answered with an error."""

    def __init__(self, status: int, told: str = "", code: int = 0, *, wait: float = 0.0) -> None:
        super().__init__(f"{status} {told}")
        self.status, self.told, self.code, self.wait = status, told, code, wait


def clean(body: bytes, key: str = "") -> tuple[str, int]:
    """What the body of an error says in a few words, and the service's own number of it."""
    text, code = body[:4096].decode("utf-8", "replace"), 0
    try:
        kept = json.loads(body)
        code = kept.get("code", 0) if isinstance(kept, dict) and isinstance(kept.get("code"), int) else 0
        text = _words(kept)
    except (ValueError, RecursionError):
        text = _TAG.sub(" ", text) if "<" in text else text
    return plain(text, key), code


def plain(text: Any, key: str = "") -> str:
    """A few letters of what a service said: one line, without the key and without what signs a link."""
    text = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    if key:
        text = text.replace(key, "...")
    text = _BEARER.sub("Bearer ...", _LINK.sub(r"\1", text))
    return text[:_LONGEST].rstrip(" .")


def _words(kept: Any) -> str:
    """The sentence in an error of any of the services."""
    if isinstance(kept, dict):
        for name in ("message", "error_msg", "detail", "msg", "error", "errors", "text", "name"):
            if kept.get(name):
                return _words(kept[name])
        return ""
    if isinstance(kept, list):
        return "; ".join(filter(None, map(_words, kept[:3])))
    return "" if kept is None else str(kept)


def refusal(label: str, error: Refused, provider: str = "", page: str = "") -> BadInput:
    """An answer with an error as a sentence."""
    status, told = error.status, f" ({error.told})" if error.told else ""
    key = Fix("Set the Key", f"jewelgen keys set {provider}") if provider else None
    at = f" at {page}" if page else ""
    if status == 402 or error.code in NO_CREDITS:
        return BadInput(f"the account at {label} has no credits left{told}; add some{at}", field="key")
    if status == 401:
        return BadInput(f"{label} does not know the key{told}; make one{at} and set it anew", field="key", fix=key)
    if status == 403:
        return BadInput(f"{label} does not allow this with your key{told}", field="key", fix=key)
    if status == 413:
        return BadInput(f"{label} finds the picture too large{told}", field="picture")
    if status == 429:
        if not error.wait:
            return BadInput(f"{label} has had enough of us for now{told}; try again later", field="network")
        return BadInput(f"{label} has had enough of us for now{told}; try again in {max(1, round(error.wait / 60))} min", field="network")
    if status in (400, 415, 422):
        return BadInput(f"{label} does not take the order{told}", field="picture")
    if status in (404, 405):
        return BadInput(f"{label} has nothing there{told}; it may have changed, or the address is another program's", field="server")
    return BadInput(f"{label} has a fault (error {status}){told}; try again later", field="network")


def unreachable(label: str, host: str, told: str, sure: bool) -> BadInput:
    """No answer came."""
    more = "" if sure else f"; the order may have been begun and charged, so look at your account of {label} before you order again"
    return BadInput(f"{label} cannot be reached at {host} ({told}){more}", field="network")


@contextmanager
def understood(label: str) -> Iterator[None]:
    """What an answer lacks becomes a sentence. Raises BadInput."""
    try:
        yield
    except BadInput:
        raise
    except (KeyError, TypeError, IndexError, AttributeError, ValueError, RecursionError) as error:
        raise BadInput(f"{label} answers in a way that this version does not know; it may have changed", field="server") from error
