"""One request with the library requests, in a thread of its own, so that a connection that hangs can be cancelled within a tenth of a second.

What comes is judged while it comes: its kind, its length, its head. Whoever sends us on to another host is refused.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.errors import BadInput
from .address import loopback, origin
from .glb import fault as glb_fault

if TYPE_CHECKING:
    from .http import Line

CONNECT, READ = 10.0, 60.0  # s until there is a connection; s without a byte
LOOK = 0.1  # s between two looks at whether the person cancelled
ANSWER = 4 << 20  # bytes of an answer that is no result
WHOLE = 900.0  # s that one request may take in all
_BLOCK = 1 << 16
# What no mesh is; text/plain is what servers say of endings they do not know.
_OTHERS = ("text/html", "text/xml", "application/json", "application/xml", "application/pdf", "image/", "video/", "audio/")


@dataclass(frozen=True)
class Said:
    """An answer; ``body`` is empty where it went into a file."""

    status: int
    headers: dict[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Ask:
    """One request; ``again`` says whether it may be sent twice."""

    method: str
    address: str
    body: Any = None  # JSON
    form: dict[str, str] | None = None
    files: dict[str, tuple[str, bytes, str]] | None = None  # with them the form goes as parts, too
    keyed: bool = True
    again: bool = True
    what: str = "mesh"  # or picture
    accept: str = "application/json"
    into: Path | None = None
    limit: int | None = None  # bytes; None: ANSWER
    patience: float | None = None  # s without a byte; None: READ


class Broke(Exception):
    """No answer came, or half of one. ``unbegun``: the service never got the request; ``cut``: all came, and it is half a file."""

    def __init__(self, told: str, *, unbegun: bool = False, final: bool = False, cut: bool = False) -> None:
        super().__init__(told)
        self.unbegun, self.final, self.cut = unbegun, final, cut


class Attempt:
    """One request in a thread."""

    def __init__(self, line: Line, ask: Ask, late: Callable[[Any], None] | None) -> None:
        self._line, self._ask, self._late = line, ask, late
        self._over = threading.Event()
        self._turn = threading.Lock()  # between the end of the thread and the one who leaves
        self._left = False
        self._said: Said | None = None
        self._error: BaseException | None = None
        self.got = self.whole = 0
        threading.Thread(target=self._work, name="jewelgen request", daemon=True).start()

    def wait(self) -> Said:
        whole = max(WHOLE, self._ask.patience or 0.0)
        end = time.monotonic() + whole
        try:
            while not self._over.wait(LOOK):
                share = f" ({self.got / 1e6:.1f} of {self.whole / 1e6:.1f} MB)" if self.whole and self._ask.into else ""
                self._line.beat(self._line.text + share)
                if time.monotonic() > end:
                    raise Broke(f"it took more than {whole / 60:.0f} min", final=True)
        except BaseException:
            with self._turn:
                self._left = True
                said = self._said
            if said is not None:
                self._told_late(said)
            raise
        if self._error is not None:
            raise self._error
        assert self._said is not None
        return self._said

    def _work(self) -> None:
        try:
            said = self._asked()
            with self._turn:
                self._said, left = said, self._left
            if left:
                self._told_late(said)
        except BaseException as error:  # told in the thread that waits
            self._error = error
        finally:
            self._over.set()

    def _told_late(self, said: Said) -> None:
        if self._late is not None and said.status < 300:
            with contextlib.suppress(Exception):  # nobody is left to hear of it
                self._late(json.loads(said.body))

    def _asked(self) -> Said:
        requests = library()
        ask, line = self._ask, self._line
        address, patience = ask.address, ask.patience or READ
        try:
            with requests.Session() as session:
                session.trust_env = not loopback(address)  # proxies are for the network
                session.auth = _bearer(line.key if ask.keyed else "", address, line.server)  # also keeps a .netrc out
                form, files = (None, {**{name: (None, value) for name, value in (ask.form or {}).items()}, **ask.files}) if ask.files is not None else (ask.form, None)
                headers = {"User-Agent": "jewelgen", "Accept": ask.accept, "Accept-Encoding": "identity", **(line.head if ask.keyed else {})}
                for _ in range(4):
                    with session.request(
                        ask.method, address, json=ask.body, data=form, files=files, headers=headers, stream=True, allow_redirects=False,
                        timeout=(CONNECT, patience),
                    ) as response:  # fmt: skip
                        if response.is_redirect or response.status_code in (300, 305):
                            address = self._sent_on(address, response.headers.get("Location", ""))
                            continue
                        return self._read(response)
                raise BadInput(f"{line.label} sends us in a circle", field="network")
        except requests.exceptions.SSLError as error:
            bad = "CERTIFICATE_VERIFY_FAILED" in str(error)
            raise Broke("its certificate is not trusted here; a proxy may stand between" if bad else "it does not speak https", unbegun=True, final=True) from error
        except requests.exceptions.ProxyError as error:
            raise Broke("the proxy does not let us through", unbegun=True) from error
        except requests.exceptions.ConnectTimeout as error:
            raise Broke(f"no connection within {CONNECT:g} s", unbegun=True) from error
        except requests.exceptions.Timeout as error:
            raise Broke(f"not a byte came within {patience:g} s") from error
        except requests.exceptions.ConnectionError as error:
            if "Read timed out" in str(error):
                raise Broke(f"not a byte came within {patience:g} s") from error
            reason = type(getattr(error.args[0] if error.args else None, "reason", None)).__name__
            unbegun = reason in ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError")
            raise Broke("nobody is there" if unbegun else "the connection broke", unbegun=unbegun) from error
        except requests.exceptions.RequestException as error:  # its text holds the address, and that perhaps a signature
            raise Broke("the connection broke") from error

    def _sent_on(self, address: str, to: str) -> str:
        there = urllib.parse.urljoin(address, to)
        if self._ask.method != "GET" or origin(there) != origin(address):
            raise BadInput(f"{self._line.label} sends us on from {host(address)} to {host(there) or 'nowhere'}; that is refused", field="network")
        return there

    def _read(self, response: Any) -> Said:
        headers = {name.lower(): str(value) for name, value in response.headers.items()}
        ask, kind = self._ask, headers.get("content-type", "").partition(";")[0].strip().lower()
        if ask.into is None or response.status_code >= 300:
            limit, body = (ask.limit or ANSWER) if response.status_code < 300 else ANSWER, b""
            for block in response.iter_content(_BLOCK):
                body += block
                if len(body) > limit:
                    raise BadInput(f"{self._line.label} answers with more than {limit >> 20} MB, which is the limit", field="network")
            return Said(response.status_code, headers, body)
        if kind.startswith(_OTHERS) and not (ask.what == "picture" and kind.startswith("image/")):
            raise BadInput(f"what came from {host(ask.address)} is {kind}, not a {ask.what}", field=ask.what)
        self.whole = int(headers["content-length"]) if headers.get("content-length", "").isdecimal() else 0
        self._room(self.whole)
        part = ask.into.with_name(ask.into.name + ".part")
        try:
            with part.open("wb") as file:
                for block in response.iter_content(_BLOCK):
                    if self._left:
                        raise Broke("left")
                    self.got += len(block)
                    self._room(self.got)
                    file.write(block)
            if self.whole and self.got < self.whole:
                raise Broke("the connection broke")
            if ask.into.suffix == ".glb" and (wrong := glb_fault(part)):
                if wrong.cut:
                    raise Broke(wrong.told, cut=True)
                raise BadInput(f"what came from {host(ask.address)} {wrong.told}", field="mesh")
            os.replace(part, ask.into)
        finally:
            part.unlink(missing_ok=True)
        return Said(response.status_code, headers)

    def _room(self, size: int) -> None:
        limit = self._ask.limit or ANSWER
        if size > limit:
            raise BadInput(f"the result of {self._line.label} has more than {limit / 2**20:.0f} MB, which is the limit", field="mesh")


def library() -> Any:
    """The library requests. Raises BadInput where it is not there."""
    try:
        import requests
    except ImportError as error:
        raise BadInput("services need the library requests, which this Python lacks; Blender brings it along", field="runtime") from error
    return requests


def _bearer(key: str, address: str, server: str) -> Callable[[Any], Any]:
    """Puts the key to a request, if it goes to the service itself."""

    def put(request: Any) -> Any:
        if key and origin(request.url) == origin(server) and origin(address) == origin(server):
            request.headers["Authorization"] = f"Bearer {key}"
        return request

    return put


def host(address: str) -> str:
    """Host and port of an address, without a name and password."""
    return urllib.parse.urlsplit(address).netloc.rpartition("@")[2]
