"""A model hub on this machine, with the faults that a real one has: it serves folders, and sends large files from another host.

It speaks what the hub's own library speaks, too; ``tests/diffusion/test_hub.py`` has that library fetch from it, so that the
tests of our own client are not tests against our own belief.
"""

from __future__ import annotations

import hashlib
import json
import struct
import threading
import time
import urllib.parse
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

REVISION = "0123456789abcdef0123456789abcdef01234567"
TOKEN = "hf_secretsecretsecret"
_LARGE = 1000  # bytes from which a file comes from the other host, with a SHA-256


@dataclass
class Asked:
    host: str
    path: str
    start: int
    token: str


@dataclass
class Hub:
    """What is served, and what goes wrong."""

    repositories: dict[str, Path] = field(default_factory=dict)
    licences: dict[str, str] = field(default_factory=dict)
    gated: set[str] = field(default_factory=set)  # given with TOKEN only
    fail: list[tuple[str, int]] = field(default_factory=list)  # (part of a path, status): used up one by one
    cut: dict[str, int] = field(default_factory=dict)  # file -> bytes of an answer after which the connection ends; used up
    spoil: set[str] = field(default_factory=set)  # files that arrive with a wrong byte
    slow: float = 0.0  # s between two blocks of a large file
    hang: str = "?"  # part of a path that is never answered
    retry_after: str = ""
    ranges: bool = True
    extra: list[dict] = field(default_factory=list)  # further rows of the list of files
    asked: list[Asked] = field(default_factory=list)

    over: bool = False

    def start(self) -> Hub:
        self._servers = [ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, name)) for name in ("hub", "store")]
        for server in self._servers:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def stop(self) -> None:
        self.over = True
        for server in self._servers:
            server.shutdown()
            server.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._servers[0].server_port}"

    @property
    def store(self) -> str:
        return f"http://127.0.0.1:{self._servers[1].server_port}"

    def of(self, ending: str) -> list[Asked]:
        """The requests whose path ends so, for the bytes of a file."""
        return [one for one in self.asked if one.path.endswith(ending)]


def write_safetensors(path: Path, shapes: dict[str, tuple[int, ...]], dtype: str = "F16") -> Path:
    """A real file of the format, its weights zero."""
    rows, at = {}, 0
    for name, shape in shapes.items():
        size = 2
        for side in shape:
            size *= side
        rows[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(rows).encode()
    text += b" " * (-len(text) % 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(range(256)) * (at // 256) + bytes(at % 256))
    return path


def model_folder(path: Path, cls: str = "StableDiffusionPipeline", variants: tuple[str, ...] = ("",), pickles: bool = False) -> Path:
    """A folder laid out as diffusers lays it out, with small weights; as on a hub, with what nobody needs beside them."""
    parts = {"unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"], "text_encoder": ["transformers", "CLIPTextModel"]}
    index = {"_class_name": cls, "_diffusers_version": "0.42.1", "scheduler": ["diffusers", "DDIMScheduler"], "tokenizer": ["transformers", "CLIPTokenizer"], "image_encoder": [None, None], **parts}
    path.mkdir(parents=True, exist_ok=True)
    (path / "model_index.json").write_text(json.dumps(index))
    for part, (library, kind) in parts.items():
        stem = "model" if library == "transformers" else "diffusion_pytorch_model"
        for variant in variants:
            write_safetensors(path / part / f"{stem}{'.' + variant if variant else ''}.safetensors", {f"{part}.weight": (64, 48), f"{variant}.bias": (7,)})
        if pickles:
            (path / part / f"{stem}.bin").write_bytes(b"\x80\x02}q\x00." * 300)
        (path / part / "config.json").write_text(json.dumps({"_class_name": kind}))
    for name, text in {"scheduler/scheduler_config.json": "{}", "tokenizer/vocab.json": "{}", "tokenizer/merges.txt": "#", "README.md": "x" * 2000, "LICENSE.md": "terms", "sample.png": "x"}.items():
        (path / name).parent.mkdir(exist_ok=True)
        (path / name).write_text(text)
    return path


def entries(folder: Path) -> list[dict]:
    """The rows of a hub's list of files."""
    rows = []
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            data = file.read_bytes()
            row: dict = {"rfilename": file.relative_to(folder).as_posix(), "size": len(data), "blobId": hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()}
            if len(data) > _LARGE:
                row["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 130}
            rows.append(row)
    return rows


def _handler(hub: Hub, host: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_HEAD(self) -> None:
            self._serve(head=True)

        def do_GET(self) -> None:
            self._serve(head=False)

        def _serve(self, head: bool) -> None:
            path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
            start = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").split("-")[0])
            token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
            if not head:
                hub.asked.append(Asked(host, path, start, token))
            for number, (word, status) in enumerate(hub.fail):
                if word in path:
                    del hub.fail[number]
                    return self._refuse(status)
            while hub.hang in path and not hub.over:
                time.sleep(0.02)
            if host == "store":
                return self._send(Path(path.split(":", 1)[1]), start, head)
            words = path.strip("/").split("/")
            is_list = words[:2] == ["api", "models"]
            name = "/".join(words[2:4] if is_list else words[:2])
            folder = hub.repositories.get(name)
            if folder is None:
                return self._refuse(401 if not token else 404, "RepoNotFound")
            if name in hub.gated and token != TOKEN:
                return self._refuse(403 if token else 401, "GatedRepo")
            if is_list:
                if words[4:] and words[5] not in ("main", REVISION):
                    return self._refuse(404, "RevisionNotFound")
                return self._list(name, folder, words[4] if len(words) > 4 else "revision", head)
            file = folder.joinpath(*words[4:])
            if not file.is_file():
                return self._refuse(404, "EntryNotFound")
            data = file.read_bytes()
            told = {"X-Repo-Commit": REVISION, "Accept-Ranges": "bytes"}
            if len(data) > _LARGE:
                told |= {"X-Linked-Size": str(len(data)), "X-Linked-ETag": f'"{hashlib.sha256(data).hexdigest()}"', "Location": f"{hub.store}/:{file}"}
                return self._answer(302, b"", told, head)
            etag = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
            return self._send(file, start, head, told | {"ETag": f'"{etag}"'})

        def _list(self, name: str, folder: Path, what: str, head: bool) -> None:
            rows = [*entries(folder), *hub.extra]
            if what == "tree":
                body: object = [
                    {"type": "file", "path": row["rfilename"], "size": row["size"], "oid": row["blobId"], **({"lfs": {"oid": row["lfs"]["sha256"], "size": row["size"], "pointerSize": 130}} if "lfs" in row else {})}
                    for row in rows
                ]
            else:
                licence = hub.licences.get(name, "apache-2.0")
                body = {"id": name, "sha": REVISION, "siblings": rows, "gated": "auto" if name in hub.gated else False, "private": False, "tags": [], "downloads": 0, "likes": 0, "cardData": {"license": licence}}
            self._answer(200, json.dumps(body).encode(), {"Content-Type": "application/json"}, head)

        def _send(self, file: Path, start: int, head: bool, told: dict[str, str] | None = None) -> None:
            data = file.read_bytes()
            if file.name in hub.spoil:
                data = data[:-1] + bytes([data[-1] ^ 1])
            if start and hub.ranges:
                if start >= len(data):
                    return self._refuse(416)
                told = {**(told or {}), "Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"}
                return self._answer(206, data[start:], told, head, file.name)
            return self._answer(200, data, told or {}, head, file.name)

        def _refuse(self, status: int, code: str = "") -> None:
            told = {"X-Error-Code": code} if code else {}
            if status == 429 and hub.retry_after:
                told["Retry-After"] = hub.retry_after
            self._answer(status, b"no", told, False)

        def _answer(self, status: int, body: bytes, told: dict[str, str], head: bool, file: str = "") -> None:
            self.send_response(status)
            for name, value in told.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if head:
                return
            end = hub.cut.pop(file, len(body)) if file else len(body)
            step = max(1, len(body) // 20) if hub.slow and host == "store" else len(body) or 1
            for at in range(0, min(end, len(body)), step):
                try:
                    self.wfile.write(body[at : min(at + step, end)])
                    self.wfile.flush()
                except OSError:
                    return
                time.sleep(hub.slow if host == "store" else 0.0)
            if end < len(body):
                self.close_connection = True
                self.connection.close()

    return Handler
