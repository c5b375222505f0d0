"""The way to a service: its address, its key, what is asked again and what is not.

The key goes to the service's own address and nowhere else: links to results are fetched without it. An order that costs money is
sent again only where the service surely has not begun it.
"""

from __future__ import annotations

import json
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from ...core.errors import BadInput
from .address import proper_link
from .attempt import Ask, Attempt, Broke, Said, host
from .faults import Refused, clean, unreachable

TRIES, PAUSE = 4, 1.0  # attempts; s before the second one, doubled each time
LONGEST_WAIT = 60.0  # s that a service may ask us to wait
ORDER = 180.0  # s without a byte that the answer to an order may take
RESULT = 256 << 20  # bytes
_LOOK = 0.1  # s between two looks at whether the person cancelled
_NEVER_BEGUN = (429, 503)  # nothing was begun: an order may be sent again
_PASSING = (408, 425, 429, 500, 502, 503, 504)

Tell = Callable[[float, str], None]


@dataclass
class Line:
    """The way to one service: its name, its address, the key, and who hears of progress."""

    label: str
    server: str
    tell: Tell
    key: str = ""
    head: dict[str, str] = field(default_factory=dict)
    share: float = 0.0
    text: str = ""

    def phase(self, share: float, text: str) -> None:
        """Tell where the work is; what follows tells the same again and again while it waits."""
        self.share, self.text = share, text
        self.beat()

    def beat(self, text: str = "") -> None:
        """Raises Cancelled when the person said so."""
        self.tell(self.share, text or self.text)

    def rest(self, seconds: float, text: str = "") -> None:
        """Wait, listening."""
        end = time.monotonic() + seconds
        self.beat(text)
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(_LOOK, left))
            self.beat(text)

    def get(self, path: str, **query: str) -> Any:
        """The JSON at a path of the service."""
        return self._json(Ask("GET", self._at(path, query)))

    def post(
        self, path: str, body: Any = None, *, form: dict[str, str] | None = None, files: Any = None, again: bool = True, limit: int | None = None,
        late: Callable[[Any], None] | None = None,
    ) -> Any:  # fmt: skip
        """What the service answers to a body, or to a form with files.

        ``again`` is False for an order that costs money. ``late`` gets the answer if it comes after the person cancelled, for a
        task that was begun all the same.
        """
        return self._json(Ask("POST", self._at(path), body, form, files, again=again, limit=limit, patience=None if again else ORDER), late)

    def post_only(self, path: str, body: Any) -> None:
        """Tell the service something that it answers with nothing."""
        self._tried(Ask("POST", self._at(path), body))

    def post_into(self, path: str, into: Path, body: Any = None, *, form: dict[str, str] | None = None, files: Any = None, accept: str, patience: float) -> Said:
        """The same for a service that answers with the result itself, once it is made."""
        return self._tried(Ask("POST", self._at(path), body, form, files, again=False, accept=accept, into=into, limit=RESULT, patience=patience))

    def fetch(self, link: str, into: Path, what: str = "mesh") -> None:
        """Bring the result behind a link into a file, which appears whole or not at all; the key is not sent there.

        Raises BadInput for a link that is not https, a file that is too large, of another kind or cut short, and Refused.
        """
        proper_link(self.label, link, self.server)
        self._tried(Ask("GET", link, keyed=False, what=what, accept="*/*", into=into, limit=RESULT))

    def _at(self, path: str, query: dict[str, str] | None = None) -> str:
        return f"{self.server.rstrip('/')}/{path.lstrip('/')}{'?' + urllib.parse.urlencode(query) if query else ''}"

    def _json(self, ask: Ask, late: Callable[[Any], None] | None = None) -> Any:
        said = self._tried(ask, late)
        try:
            return json.loads(said.body)
        except (ValueError, RecursionError) as error:
            raise BadInput(f"what answers at {host(self.server)} is not {self.label}: it speaks no JSON; look at the address", field="server") from error

    def _tried(self, ask: Ask, late: Callable[[Any], None] | None = None) -> Said:
        failures = 0
        while True:
            one = Attempt(self, ask, late)
            try:
                said = one.wait()
            except Broke as broke:
                failures += 1
                if broke.final or failures >= TRIES or not (ask.again or broke.unbegun):
                    if broke.cut:
                        raise BadInput(f"what {self.label} gives {broke}; ask again later", field="network") from broke
                    raise unreachable(self.label, host(ask.address), str(broke), ask.again or broke.unbegun) from broke
                self.rest(PAUSE * 2 ** (failures - 1), f"the connection to {self.label} broke, trying again")
                continue
            if said.status < 300:
                return said
            failures += 1
            refused = Refused(said.status, *clean(said.body, self.key), wait=_seconds(said.headers.get("retry-after", "")))
            passing = said.status in (_PASSING if ask.again else _NEVER_BEGUN)
            if not passing or failures >= TRIES or refused.wait > LONGEST_WAIT:
                raise refused
            busy = f"{self.label} is busy, waiting" if said.status == 429 else f"{self.label} has a fault, trying again"
            self.rest(refused.wait or PAUSE * 2 ** (failures - 1), busy)


def _seconds(written: str) -> float:
    """What Retry-After says, in seconds: a number, or a date."""
    try:
        return max(0.0, float(written))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(written).timestamp() - time.time())
    except (ValueError, TypeError):
        return 0.0
