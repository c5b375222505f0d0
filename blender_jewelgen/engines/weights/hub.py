"""Talking with a model hub over plain HTTP: what a repository holds, and its files in blocks.

The hub's own library is not used: it is not there in Blender's Python, and it begins a broken download anew each time. This is
the same protocol, in the standard library. The token goes to the hub alone, never to where the hub sends us on to.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import queue
import ssl
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ...core.errors import BadInput, Fix
from .models import ModelCard

HUB = "https://huggingface.co"
BLOCK = 1 << 20
TRIES = 5
_TIMEOUT = 30.0  # s without a byte
_LOOK = 0.1  # s between two looks at whether the person cancelled
_LONGEST_WAIT = 120.0  # s that a hub may ask us to wait
_LOOPBACK = ("localhost", "127.0.0.1", "::1", "[::1]")
_TRANSIENT = (408, 429, 500, 502, 503, 504)

Beat = Callable[[str], None]  # called again and again while we wait; raises Cancelled


@dataclass(frozen=True)
class Entry:
    """One file of a repository: its sum is a SHA-256 for large files, else git's SHA-1 of a blob; "" if the hub told none."""

    name: str
    size: int
    sum: str


@dataclass(frozen=True)
class Repository:
    """A repository at one revision."""

    hub: str
    revision: str
    entries: tuple[Entry, ...]
    licence: str
    gated: bool


class _Refused(Exception):
    """The hub answered with an error."""

    def __init__(self, status: int, told: str, wait: float) -> None:
        super().__init__(told)
        self.status, self.told, self.wait = status, told, wait


def endpoint() -> str:
    """Where the hub is: HF_ENDPOINT names a mirror."""
    return (os.environ.get("HF_ENDPOINT") or HUB).rstrip("/")


def allowed() -> None:
    """Raises BadInput where downloads are switched off."""
    for name in ("HF_HUB_OFFLINE", "JEWELGEN_OFFLINE"):
        if os.environ.get(name, "").lower() in ("1", "true", "yes", "on"):
            raise BadInput(f"downloads are switched off ({name} is set); give a folder, or fetch on another computer", field="network")


def token() -> str:
    """The person's token: from HF_TOKEN, else from the system's key ring where the package keyring is there; "" if there is none."""
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        if given := os.environ.get(name, "").strip():
            return given
    try:
        import keyring

        return (keyring.get_password("jewelgen", "huggingface") or "").strip()
    except Exception:  # keyring has an error of its own for every desktop, and none of them is a reason to stop
        return ""


def repository(hub: str, revision: str, beat: Beat, card: ModelCard | None = None, pause: float = 1.0) -> Repository:
    """What a repository holds. Raises BadInput: no such repository or revision, terms not accepted, no connection."""
    address = f"{endpoint()}/api/models/{hub}/revision/{urllib.parse.quote(revision or 'main', safe='')}?blobs=true"
    told = b"".join(_blocks(address, 0, beat, hub, card, pause))
    try:
        answer = json.loads(told)
        entries = tuple(_entry(row) for row in answer["siblings"])
        kept = answer.get("cardData") or {}
        name = str(kept.get("license_name") or "") if kept.get("license") in (None, "other") else str(kept["license"])
        return Repository(hub, str(answer["sha"]), entries, name, bool(answer.get("gated")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"what answers at {_host(endpoint())} is no model hub", field="network") from error


def blocks(hub: str, revision: str, name: str, start: int, beat: Beat, card: ModelCard | None = None, pause: float = 1.0) -> Iterator[bytes]:
    """The bytes of a file from ``start`` on; goes on by itself after a broken connection. Raises BadInput as ``repository`` does."""
    return _blocks(f"{endpoint()}/{hub}/resolve/{revision}/{urllib.parse.quote(name)}", start, beat, hub, card, pause)


def _blocks(address: str, start: int, beat: Beat, hub: str, card: ModelCard | None, pause: float) -> Iterator[bytes]:
    got, failures = start, 0
    while True:
        answer = _Answer(address, got)
        try:
            for block in answer.blocks(beat):
                failures = 0
                got += len(block)
                yield block
            return
        except _Refused as error:
            failures += 1
            if error.status == 416 and got:  # there is nothing after what we have
                return
            if error.status not in _TRANSIENT or failures >= TRIES or error.wait > _LONGEST_WAIT:
                raise refusal(error.status, error.told, hub, card, error.wait) from error
            _rest(error.wait or pause * 2 ** (failures - 1), beat, "the hub is busy, waiting" if error.status == 429 else "the hub has a fault, trying again")
        except (OSError, http.client.HTTPException) as error:
            failures += 1
            if failures >= TRIES or isinstance(getattr(error, "reason", error), ssl.SSLCertVerificationError):
                raise _unreachable(error) from error
            _rest(pause * 2 ** (failures - 1), beat, "the connection broke, trying again")
        finally:
            answer.close()


class _Answer:
    """One request. A thread of its own connects and reads, so that a connection that hangs can be cancelled."""

    def __init__(self, address: str, start: int) -> None:
        self._queue: queue.Queue[Any] = queue.Queue(maxsize=4)
        self._response: Any = None
        self._closed = False
        threading.Thread(target=self._work, args=(address, start), name="jewelgen download", daemon=True).start()

    def blocks(self, beat: Beat) -> Iterator[bytes]:
        while True:
            try:
                item = self._queue.get(timeout=_LOOK)
            except queue.Empty:
                beat("")
                continue
            if isinstance(item, BaseException):
                raise item
            if item is None:
                return
            yield item

    def close(self) -> None:
        """The thread ends at its next block."""
        self._closed = True
        with contextlib.suppress(Exception):
            self._queue.get_nowait()

    def _put(self, item: Any) -> bool:
        while not self._closed:
            with contextlib.suppress(queue.Full):
                self._queue.put(item, timeout=_LOOK)
                return True
        return False

    def _work(self, address: str, start: int) -> None:
        try:
            with _open(address, start) as response:
                left = response.length
                if start and response.status != 206:  # it gives everything once more: what we have is passed over
                    left = None if left is None else left - start
                    while start > 0 and (block := response.read(min(start, BLOCK))):
                        start -= len(block)
                while block := response.read1(BLOCK):
                    left = None if left is None else left - len(block)
                    if not self._put(block):
                        return
                if left:
                    raise http.client.IncompleteRead(b"", left)
            self._put(None)
        except BaseException as error:  # told in the thread that waits
            self._put(error)


class _StayPut(urllib.request.HTTPRedirectHandler):
    """Where a hub sends us on to is decided by ``_open``."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _open(address: str, start: int) -> Any:
    """The answer to a request for the bytes from ``start``; follows the hub elsewhere without the token."""
    opener = urllib.request.build_opener(_StayPut)
    home = urllib.parse.urlsplit(address)
    for _ in range(6):
        there = urllib.parse.urlsplit(address)
        if there.scheme not in ("http", "https"):
            raise OSError(f"the hub sends us to {there.scheme}:")
        request = urllib.request.Request(address, headers={"User-Agent": "jewelgen", "Accept-Encoding": "identity"})
        if start:
            request.add_header("Range", f"bytes={start}-")
        secure = there.scheme == "https" or there.hostname in _LOOPBACK
        if secure and (there.scheme, there.netloc) == (home.scheme, home.netloc) and (own := token()):
            request.add_unredirected_header("Authorization", f"Bearer {own}")
        try:
            return opener.open(request, timeout=_TIMEOUT)
        except urllib.error.HTTPError as error:
            with error:
                if error.code in (301, 302, 303, 307, 308) and error.headers.get("Location"):
                    address = urllib.parse.urljoin(address, error.headers["Location"])
                    continue
                told = error.headers.get("X-Error-Code") or ""
                raise _Refused(error.code, told, _seconds(error.headers.get("Retry-After"))) from None
    raise OSError("the hub sends us in a circle")


def refusal(status: int, told: str, hub: str, card: ModelCard | None, wait: float = 0.0) -> BadInput:
    """What an answer of the hub means, and what mends it."""
    page = f"{endpoint()}/{hub}"
    name = card.name if card else hub
    again = Fix("Fetch again", f"jewelgen models fetch {name} --accept")
    if status in (401, 403) and not token():
        if card is not None and not card.gated and told != "GatedRepo":
            return BadInput(f"the hub does not give {hub} without a token; put yours into the variable HF_TOKEN (page: {page})", field="token", fix=again)
        sentence = f"{hub} is given to those who accepted its terms: accept them at {page}, then put your token into the variable HF_TOKEN"
        return BadInput(sentence, field="token", fix=again)
    if status == 401:
        return BadInput(f"the hub does not know the token in HF_TOKEN, or there is no {hub}; make a token that may read at {endpoint()}/settings/tokens", field="token", fix=again)
    if status == 403:
        return BadInput(f"your token is known, but its account has not accepted the terms of {hub}; accept them at {page}", field="token", fix=again)
    if status == 404:
        if told == "RevisionNotFound":
            return BadInput(f"the hub does not have this revision of {hub}; look at {page}", field="model")
        if told == "EntryNotFound":
            return BadInput(f"the hub does not have a file of {hub} that it lists; look at {page}", field="model")
        return BadInput(f"the hub does not have {hub}; look at {page}", field="model")
    if status == 429:
        return BadInput(f"the hub has had enough of us for now; try again in {max(1, round(wait / 60))} min, or with a token in HF_TOKEN", field="network", fix=again)
    return BadInput(f"the hub answers with error {status}; what came so far is kept", field="network", fix=again)


def _unreachable(error: BaseException) -> BadInput:
    reason = getattr(error, "reason", error)
    if isinstance(reason, ssl.SSLCertVerificationError):
        return BadInput(f"the certificate of {_host(endpoint())} is not trusted here; a proxy may stand between ({reason.verify_message})", field="network")
    proxies = ", ".join(sorted(name.upper() + "_PROXY" for name in urllib.request.getproxies()))
    through = f" through the proxy of {proxies}" if proxies else ""
    told = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
    return BadInput(f"{_host(endpoint())} cannot be reached{through} ({str(told)[:100]}); what came so far is kept", field="network")


def _rest(seconds: float, beat: Beat, text: str) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        beat(text)
        time.sleep(min(_LOOK, left))


def _seconds(written: str | None) -> float:
    try:
        return max(0.0, float(written or 0.0))
    except ValueError:
        return 0.0


def _host(address: str) -> str:
    return urllib.parse.urlsplit(address).netloc or address


def _entry(row: dict[str, Any]) -> Entry:
    large = row.get("lfs") or {}
    return Entry(str(row["rfilename"]), int(large.get("size") or row.get("size") or 0), str(large.get("sha256") or row.get("blobId") or ""))
