"""Which addresses may be talked to: https anywhere, http on this computer only, and no link that leads back into a private network."""

from __future__ import annotations

import ipaddress
import os
import urllib.parse

from ...core.errors import BadInput, Fix

_HERE = ("localhost", "127.0.0.1", "::1")


def allowed(label: str, online: bool) -> None:
    """Raises BadInput unless the person allowed the network."""
    if os.environ.get("JEWELGEN_OFFLINE", "").lower() in ("1", "true", "yes", "on"):
        raise BadInput(f"{label} is on the network, which is switched off (JEWELGEN_OFFLINE is set)", field="network")
    if not online:
        raise BadInput(
            f"{label} is on the network, which is not allowed; allow online access in Blender's preferences, under System", field="network",
            fix=Fix("Allow the Network", "--online"),
        )  # fmt: skip


def loopback(address: str) -> bool:
    """Whether an address is on this computer."""
    try:
        host = urllib.parse.urlsplit(address).hostname or ""
        return host in _HERE or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def origin(address: str) -> tuple[str, str, int]:
    """Scheme, host and port: what makes two addresses one place."""
    try:
        parts = urllib.parse.urlsplit(address)
        return parts.scheme, parts.hostname or "", parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    except ValueError:
        return "", "", 0


def proper_server(label: str, typed: str) -> str:
    """The address of a server as it is used. Raises BadInput for one without scheme, with a password, or with http elsewhere than here."""
    address = typed.strip().rstrip("/")
    scheme, host, port = origin(address)
    if "://" not in address:
        raise BadInput(f"the server {address[:60]!r} has no http:// or https:// before it", field="server")
    if scheme not in ("http", "https") or not host or not port:
        raise BadInput(f"the server {address[:60]!r} is no address of a server", field="server")
    if "@" in urllib.parse.urlsplit(address).netloc:
        raise BadInput("the address of the server holds a name or password; keep them out of it", field="server")
    if scheme == "http" and not loopback(address):
        raise BadInput(
            f"{label} at {host} is asked over http, which anybody on the way can read; use https, or a tunnel such as ssh -L that makes it a server on this computer",
            field="server",
        )  # fmt: skip
    return address


def own_server(label: str, typed: str, home: str) -> str:
    """The same for a service that a key belongs to: its home, or this computer, for the key goes nowhere else. Raises BadInput."""
    address = proper_server(label, typed or home)
    if origin(address) != origin(home) and not loopback(address):
        raise BadInput(f"the key of {label} goes to {origin(home)[1]} and to no other server; leave the server empty", field="server")
    return address


def proper_link(label: str, link: str, server: str) -> None:
    """Raises BadInput for a link to a result that is not https, or that leads from a service on the network into this one's."""
    scheme, host, _ = origin(link)
    near = loopback(server)
    if origin(link) == origin(server):
        return
    if scheme == "http" and near and loopback(link):
        return
    if scheme != "https" or not host:
        raise BadInput(f"{label} gives a link that is not https ({scheme or 'nothing'}:); that is refused", field="network")
    if not near and _private(host):
        raise BadInput(f"{label} gives a link into this network ({host}); that is refused", field="network")


def _private(host: str) -> bool:
    if host in _HERE or host.endswith((".local", ".internal", ".localhost")):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False
