"""Is a file a whole binary glTF? Its head says how long it is."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

_HEAD = struct.Struct("<4sIIII")  # magic, version, length of the file, length and kind of the first chunk
_JSON = 0x4E4F534A


@dataclass(frozen=True)
class Fault:
    """What is wrong with it, to follow "what came"; ``cut``: the rest may come another time."""

    told: str
    cut: bool = False


def fault(path: Path) -> Fault | None:
    """What is wrong with a file that should be a GLB; None if nothing is."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_HEAD.size)
    if head[:4] != b"glTF"[: len(head[:4])] or not head:
        return Fault("is no binary glTF" if head else "is empty", cut=not head)
    if len(head) < _HEAD.size:
        return Fault(f"is a GLB cut short at {size} bytes", cut=True)
    _, version, length, chunk, kind = _HEAD.unpack(head)
    if version != 2:
        return Fault(f"is glTF of version {version}; only 2 is read")
    if size < length:
        return Fault(f"is a GLB cut short: {size:,} of {length:,} bytes", cut=True)
    if kind != _JSON or _HEAD.size + chunk > length:
        return Fault("is a damaged GLB")
    return None
