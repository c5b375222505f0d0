"""What the runtime's set-up has other Pythons do, in their own language, and the words of pip by which its failures are known."""

from __future__ import annotations

# Runs a module, and ends when nobody holds the other end of its stdin, so that no pip works on after this process was killed.
TIED = """\
import os, sys, threading
_tie = os.dup(0)
_none = os.open(os.devnull, os.O_RDONLY)
os.dup2(_none, 0)
def _wait():
    try:
        while os.read(_tie, 1):
            pass
    finally:
        os._exit(9)
threading.Thread(target=_wait, daemon=True).start()
import runpy
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""

# What a Python is, what it lacks to make an environment, where it keeps the wheel of its pip, and what packages it has.
ABOUT = """\
import glob, json, os, struct, sys
from importlib.util import find_spec
from importlib.metadata import distributions
pip = []
try:
    import ensurepip
    for folder in (os.path.join(os.path.dirname(ensurepip.__file__), "_bundled"), getattr(ensurepip, "_WHEEL_PKG_DIR", None) or ""):
        pip += sorted(glob.glob(os.path.join(glob.escape(folder), "pip-*.whl"))) if folder else []
except ImportError:
    pass
print(json.dumps({"pip": pip[0] if pip else "", "version": sys.version_info[:3], "bits": struct.calcsize("P") * 8, "prefix": sys.prefix, "base": sys.base_prefix,
 "free_threaded": not getattr(sys, "_is_gil_enabled", lambda: True)(),
 "lacks": [name for name in ("venv", "ensurepip", "ssl", "zlib", "ctypes") if find_spec(name) is None],
 "packages": {d.metadata["Name"]: d.version for d in distributions() if d.metadata["Name"]}}))
"""

VERSION = "import sys; print('%d.%d' % sys.version_info[:2])"

# The kinds of wheels that a Python takes, the best first.
TAGS = """\
import json
from pip._vendor.packaging.tags import sys_tags
print(json.dumps([str(tag) for tag in sys_tags()]))
"""

# What wheels ask for in this Python; {files} is filled in.
ASKED = """\
import json, sys, zipfile
from email.parser import HeaderParser
from pip._vendor.packaging.requirements import Requirement
told = []
for file in {files!r}:
    with zipfile.ZipFile(file) as wheel:
        name = next(n for n in wheel.namelist() if n.endswith(".dist-info/METADATA"))
        for line in HeaderParser().parsestr(wheel.read(name).decode("utf-8", "replace")).get_all("Requires-Dist") or []:
            asked = Requirement(line)
            if asked.marker is None or asked.marker.evaluate({{"extra": ""}}):
                told.append([asked.name, str(asked.specifier)])
print(json.dumps(told))
"""

# Loads every library once and tells what it is.
TRY = """\
import json
told = {}
for name in ("torch", "numpy", "safetensors", "huggingface_hub", "transformers", "diffusers", "peft", "accelerate"):
    told[name] = str(getattr(__import__(name), "__version__", ""))
import torch
cuda = getattr(torch, "cuda", None)
told["gpu"] = bool(cuda and cuda.is_available())
told["card"] = cuda.get_device_name(0) if told["gpu"] else ""
mps = getattr(getattr(torch, "backends", None), "mps", None)
told["mps"] = bool(mps and mps.is_available())
print("jewelgen " + json.dumps(told))
"""

# What went wrong: patterns in what pip and venv print. The first kind that fits is the cause; those below may follow from it.
SIGNS = {
    "disk": (r"No space left on device", r"Errno 28\b", r"WinError 112\b", r"not enough space"),
    "proxy": (r"ProxyError", r"\b407\b", r"Cannot connect to proxy", r"Invalid proxy"),
    "certificate": (r"CERTIFICATE_VERIFY_FAILED", r"SSLError", r"certificate verify failed"),
    "network": (
        r"NewConnectionError", r"Max retries exceeded", r"Name or service not known", r"name resolution", r"getaddrinfo", r"Network is unreachable",
        r"Connection refused", r"timed out", r"ConnectionResetError", r"IncompleteRead", r"Connection broken",
    ),
    "refused": (r"\b40[13]\b.*(Client Error|Forbidden|Unauthorized)",),
    "hash": (r"DO NOT MATCH THE HASHES", r"hash mismatch"),
    "in use": (r"Permission denied", r"WinError 5\b", r"Access is denied", r"WinError 32\b", r"being used by another process"),
}  # fmt: skip
NOT_THERE = r"No matching distribution found for (\S+)"
WINDOWS_LIBRARIES = ("WinError 126", "WinError 1114", "c10.dll", "vcruntime")
MARK = "An environment of JewelGen's; it may be deleted.\n"  # what is written into the file that marks it
