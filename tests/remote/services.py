"""The services on this machine, with the faults that real ones have: one address that speaks as each of them, another that results are fetched from."""

from __future__ import annotations

import json
import struct
import threading
import time
import urllib.parse
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

from blender_jewelgen.core.errors import Cancelled

KEYS = {"meshy": "msy_secretsecret", "tripo": "tsk_secretsecret", "rodin": "rod_secretsecret", "stability": "sk-stabsecret", "openai": "sk-openaisecret"}
JSON = "application/json"


def glb(scale: float = 1.0) -> bytes:
    """A tetrahedron of edge ``scale`` * sqrt(2) as binary glTF, y up."""
    vertices = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], "<f4") * scale
    faces = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]], "<u4")
    data = vertices.tobytes() + faces.tobytes()
    scene = {
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "buffers": [{"byteLength": len(data)}],
        "bufferViews": [{"buffer": 0, "byteLength": vertices.nbytes}, {"buffer": 0, "byteOffset": vertices.nbytes, "byteLength": faces.nbytes}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3", "min": [0, 0, 0], "max": [scale] * 3},
            {"bufferView": 1, "componentType": 5125, "count": 12, "type": "SCALAR"},
        ],
    }  # fmt: skip
    text = json.dumps(scene).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(data), b"BIN\0") + data
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


class Ear:
    """A ``tell`` that keeps what it hears, and cancels at a word."""

    def __init__(self, until: str = "") -> None:
        self.heard: list[tuple[float, str]] = []
        self.until = until

    def __call__(self, share: float, text: str) -> None:
        self.heard.append((share, text))
        if self.until and self.until in text:
            raise Cancelled("cancelled")


@dataclass
class Asked:
    """One request as it came."""

    host: str
    method: str
    path: str
    key: str
    body: bytes
    kind: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Services:
    """What is answered, and what goes wrong."""

    result: bytes = field(default_factory=glb)
    kind: str = "model/gltf-binary"
    looks: int = 2  # looks at a task until it is done; a large number: a task that never ends
    failed: str = ""  # the task fails with these words
    fail: list[tuple[str, int]] = field(default_factory=list)  # (part of a path, status): used up one by one
    told: str = '{"message": "no"}'  # with them
    retry_after: str = ""
    hang: str = "no path"  # part of a path that is never answered
    slow: float = 0.0  # s between two pieces of a result
    cut: int = 0  # results that break off in the middle; counted down
    expired: int = 0  # links that have run out; counted down
    length: int | None = None  # what is said of a result's length
    redirect: str = ""  # part of a path that sends us on ...
    to: str = ""  # ... to here
    link: str = ""  # link to the result instead of the usual one
    odd: str = ""  # an answer instead of the usual one
    asked: list[Asked] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)  # looks by task
    over: bool = False
    picture: bytes = b""  # what the image endpoint draws
    error: str = ""  # of a workflow
    forgot: bool = False  # the server was started anew

    def start(self) -> Services:
        self._servers = [ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, name)) for name in ("api", "store")]
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

    def of(self, part: str, method: str = "") -> list[Asked]:
        """The requests with a part of a path."""
        return [one for one in self.asked if part in one.path and method in ("", one.method)]

    def where(self) -> str:
        return self.link or f"{self.store}/results/body.glb?signature=sssigned"

    def state(self, task: str) -> str:
        """waiting, working, done or failed, by how often it was looked at."""
        self.seen[task] = self.seen.get(task, 0) + 1
        if self.failed:
            return "failed"
        return "done" if self.seen[task] > self.looks else "waiting" if self.seen[task] == 1 else "working"


def _meshy(own: Services, asked: Asked) -> Any:
    if asked.method == "POST":
        return {"result": f"meshy-{len(own.of('3d', 'POST'))}"}
    state = own.state(asked.path.rpartition("/")[2])
    names = {"waiting": "PENDING", "working": "IN_PROGRESS", "done": "SUCCEEDED", "failed": "FAILED"}
    more = {"model_urls": {"glb": own.where()}, "consumed_credits": 20} if state == "done" else {"task_error": {"message": own.failed}}
    return {"status": names[state], "progress": {"waiting": 0, "working": 40, "done": 100, "failed": 0}[state], **more}


def _tripo(own: Services, asked: Asked) -> Any:
    if asked.path.endswith("/upload"):
        return {"code": 0, "data": {"image_token": "11111111-2222-3333-4444-555555555555"}}
    if asked.method == "POST":
        return {"code": 0, "data": {"task_id": f"tripo-{len(own.of('/task', 'POST'))}"}}
    state = own.state(asked.path.rpartition("/")[2])
    names = {"waiting": "queued", "working": "running", "done": "success", "failed": "failed"}
    data: dict[str, Any] = {"status": names[state], "progress": 40 if state == "working" else 0, "output": {}}
    if state == "done":
        data |= {"output": {"model": own.where()}, "consumed_credit": 30}
    if state == "failed":
        data |= {"error_code": 2008, "error_msg": own.failed}
    return {"code": 0, "data": data}


def _rodin(own: Services, asked: Asked) -> Any:
    if asked.path.endswith("/rodin"):
        return {"error": None, "message": "Submitted.", "uuid": "rodin-1", "jobs": {"uuids": ["a", "b"], "subscription_key": "sub.scription"}}
    if asked.path.endswith("/status"):
        state = own.state(asked.json["subscription_key"])
        names = {"waiting": "Waiting", "working": "Generating", "done": "Done", "failed": "Failed"}
        return {"error": None, "jobs": [{"uuid": "a", "status": "Done" if state == "working" else names[state]}, {"uuid": "b", "status": names[state]}]}
    assert asked.json == {"task_uuid": "rodin-1"}
    return {"error": "OK", "list": [{"name": "preview.webp", "url": f"{own.store}/preview.webp"}, {"name": "base.glb", "url": own.where()}]}


def _comfy(own: Services, asked: Asked) -> Any:
    if asked.path.startswith("/upload/image"):
        return {"name": "picture (1).png", "subfolder": "", "type": "input"}
    if asked.path.startswith("/prompt"):
        return {"prompt_id": "prompt-1", "number": 3, "node_errors": {}}
    if asked.path.startswith(("/queue", "/interrupt")) and asked.method == "POST":
        return None
    if asked.path.startswith("/queue"):
        working = own.seen.get("prompt-1", 0) > 1
        if own.forgot:
            return {"queue_running": [], "queue_pending": []}
        return {"queue_running": [[0, "prompt-1" if working else "other"]], "queue_pending": [] if working else [[1, "prompt-1"]]}
    if asked.path.startswith("/history"):
        if own.state("prompt-1") != "done":
            return {}
        if own.error:
            row = {"outputs": {}, "status": {"status_str": "error", "completed": False, "messages": [["execution_error", {"node_type": "Load", "exception_message": own.error}]]}}
        else:
            row = {"outputs": {"9": {"3d": [{"filename": "ring_00001_.glb", "subfolder": "mesh", "type": "output"}]}}, "status": {"status_str": "success", "completed": True}}
        return {"prompt-1": row}
    return {}


def _openai(own: Services, asked: Asked) -> Any:
    import base64

    if own.link:
        return {"data": [{"url": own.link}]}
    return {"data": [{"b64_json": base64.b64encode(own.picture).decode()}]}


def _handler(own: Services, host: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            self._serve(b"")

        def do_POST(self) -> None:
            self._serve(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

        def _serve(self, body: bytes) -> None:
            asked = Asked(host, self.command, self.path, (self.headers.get("Authorization") or "").removeprefix("Bearer "), body, self.headers.get("Content-Type") or "")
            own.asked.append(asked)
            for number, (word, status) in enumerate(own.fail):
                if word in self.path:
                    del own.fail[number]
                    more = {"Retry-After": own.retry_after} if own.retry_after else {}
                    return self._answer(status, own.told.encode(), JSON, more)
            if own.redirect and own.redirect in self.path:
                return self._answer(302, b"", "text/plain", {"Location": own.to})
            while own.hang in self.path and not own.over:
                time.sleep(0.02)
            path = urllib.parse.urlsplit(self.path).path
            if path.startswith(("/results/", "/view")):
                if own.expired:
                    own.expired -= 1
                    return self._answer(403, b"<Error><Code>AccessDenied</Code></Error>", "application/xml")
                return self._result()
            if path.endswith(("/stable-fast-3d", "/stable-point-aware-3d", "/generate")):
                return self._result()
            if own.odd:
                return self._answer(200, own.odd.encode(), JSON)
            for word, answer in (("3d", _meshy), ("/v2/openapi", _tripo), ("/api/v2", _rodin), ("/images/", _openai), ("/", _comfy)):
                if word in path:
                    told = answer(own, asked)
                    return self._answer(200, b"" if told is None else json.dumps(told).encode(), JSON)
            return None

        def _result(self) -> None:
            data, cut = own.result, own.cut > 0
            own.cut -= cut
            self.send_response(200)
            self.send_header("Content-Type", own.kind)
            self.send_header("Content-Length", str(len(data) if own.length is None else own.length))
            self.end_headers()
            end = len(data) // 2 if cut else len(data)
            step = max(1, len(data) // 20) if own.slow else max(end, 1)
            try:
                for at in range(0, end, step):
                    self.wfile.write(data[at : min(at + step, end)])
                    self.wfile.flush()
                    time.sleep(own.slow)
            except OSError:
                return
            if cut:
                self.close_connection = True
                self.connection.close()

        def _answer(self, status: int, body: bytes, kind: str, more: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **(more or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:
                return

    return Handler
