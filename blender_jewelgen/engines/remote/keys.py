"""The keys of services: in the system's key ring, or in a variable of the environment; never in a file, recipe, log or error of ours."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from ...core.errors import BadInput, Fix
from ...core.params import pick

_RING = "jewelgen"  # the service's name in the key ring
_SHORTEST, _LONGEST = 8, 4096


@dataclass(frozen=True)
class Provider:
    """Who gives keys; ``page`` is where."""

    name: str
    label: str
    page: str

    @property
    def variable(self) -> str:
        """The environment's variable that can hold the key."""
        return f"JEWELGEN_{self.name.upper()}_KEY"


PROVIDERS: tuple[Provider, ...] = (
    Provider("meshy", "Meshy", "https://www.meshy.ai/settings/api"),
    Provider("tripo", "Tripo", "https://platform.tripo3d.ai"),
    Provider("rodin", "Rodin", "https://hyper3d.ai"),
    Provider("stability", "Stability AI", "https://platform.stability.ai"),
    Provider("openai", "OpenAI and compatible", "https://platform.openai.com/api-keys"),
)
_BY_NAME = {one.name: one for one in PROVIDERS}


def provider(name: str) -> Provider:
    """Raises BadInput for an unknown name."""
    return _BY_NAME[pick(name.strip().lower(), tuple(_BY_NAME), "provider")]


def key(name: str) -> str:
    """The key of a provider: the environment's, else the key ring's. Raises BadInput where there is none."""
    one = provider(name)
    found, _ = _found(one)
    if not found:
        raise BadInput(
            f"{one.label} needs a key of yours; make one at {one.page} and keep it in the key ring, or put it into the variable {one.variable}",
            field="key", fix=Fix("Set the Key", f"jewelgen keys set {one.name}"),
        )  # fmt: skip
    return _proper(found, one)


def listed() -> list[dict[str, str]]:
    """Of each provider its name, label, page, variable, and ``where`` its key is: "environment", "keyring" or ""."""
    return [{"provider": one.name, "label": one.label, "page": one.page, "variable": one.variable, "where": _found(one)[1]} for one in PROVIDERS]


def ring_there() -> bool:
    """Whether this Python can keep keys in the system's key ring."""
    return _ring() is not None


def put(name: str, value: str, session: bool = False) -> str:
    """Keep a key; gives "keyring", or "session" where there is no key ring and ``session`` allows this process's environment.

    Raises BadInput for text that is no key, and where the key can be kept nowhere.
    """
    one = provider(name)
    value = _proper(value, one)
    ring = _ring()
    if ring is not None:
        try:
            ring.set_password(_RING, one.name, value)
            if session:
                os.environ.pop(one.variable, None)  # what was kept for the session would go before it
            return "keyring"
        except Exception:  # keyring has an error of its own for every desktop; none of them may be shown, for it may hold the key
            pass
    if session:
        os.environ[one.variable] = value
        return "session"
    raise BadInput(f"there is no key ring that this Python can use; put the key into the variable {one.variable}", field="key")


def remove(name: str) -> bool:
    """Forget a key; whether there was one. Raises BadInput where the environment holds it, which this program does not change."""
    one, gone = provider(name), False
    ring = _ring()
    if ring is not None:
        try:
            if ring.get_password(_RING, one.name):
                ring.delete_password(_RING, one.name)
                gone = True
        except Exception:  # as above
            raise BadInput(f"the key ring does not give the key of {one.label} away; remove it in the key ring's own program", field="key") from None
    if os.environ.get(one.variable, "").strip():
        del os.environ[one.variable]  # of this process alone
        gone = True
    return gone


def _found(one: Provider) -> tuple[str, str]:
    """(key, where it is)."""
    if given := os.environ.get(one.variable, "").strip():
        return given, "environment"
    ring = _ring()
    if ring is not None:
        try:
            if kept := (ring.get_password(_RING, one.name) or "").strip():
                return kept, "keyring"
        except Exception:  # as above
            return "", ""
    return "", ""


def _proper(value: str, one: Provider) -> str:
    """A key that a header can carry. Raises BadInput, which does not show it."""
    value = value.strip()
    if not value:
        raise BadInput(f"the key of {one.label} is empty", field="key")
    if not (value.isascii() and value.isprintable() and " " not in value):
        raise BadInput(f"the key of {one.label} holds blanks or signs that no key has; copy it again", field="key")
    if not _SHORTEST <= len(value) <= _LONGEST:
        raise BadInput(f"the key of {one.label} has {len(value)} signs; keys have {_SHORTEST} to {_LONGEST:,}", field="key")
    return value


def _ring() -> Any:
    """The library keyring, where it has a key ring that is one: not none at all, and not a plain file."""
    try:
        import keyring

        return keyring if keyring.get_keyring().priority >= 1 else None
    except Exception:  # as above
        return None
