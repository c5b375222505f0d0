"""Which Python the worker runs in, and what of this process's environment it may see."""

from __future__ import annotations

import os
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

PACKAGE = __name__.split(".worker.")[0].rpartition(".")[2]  # blender_jewelgen, also where an extension holds it
_NEEDED = ("numpy", "PIL", "manifold3d", "trimesh", "onnxruntime")
_MISLEADING = ("__PYVENV_LAUNCHER__", "VIRTUAL_ENV", "LD_PRELOAD", "DYLD_INSERT_LIBRARIES")


def command_for(python: str | None = None) -> tuple[list[str], dict[str, str]]:
    """The command line and environment of a worker in ``python``, or in a process of this very Python.

    Blender hands PYTHONHOME and its like on to its children without heeding them itself: nothing that steers Python is
    passed on. A Python of its own brings its own libraries; this one is told where this process finds them, the wheels of
    the extension among them.
    """
    folders = [str(root())]
    if python is None:
        folders += [folder for folder in _libraries() if folder not in folders]
    env = {name: value for name, value in os.environ.items() if not name.upper().startswith("PYTHON") and name not in _MISLEADING}
    env |= {"PYTHONPATH": os.pathsep.join(folders), "PYTHONNOUSERSITE": "1", "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}
    # -P: a file numpy.py in the folder that Blender was started from is none of ours
    return [python or interpreter(), "-P", "-m", f"{PACKAGE}.worker"], env


def root() -> Path:
    """The folder that holds the package: of a checkout, of installed packages, or of the extension."""
    return Path(__file__).absolute().parents[2]


def interpreter() -> str:
    """The program that runs Python as this process does; inside Blender the Python that comes with it."""
    if sys.executable and "python" in Path(sys.executable).name.lower():
        return sys.executable
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    names = ("python.exe",) if os.name == "nt" else (f"python{version}", "python3")
    places = (Path(folder) / name for folder in (Path(sys.exec_prefix) / "bin", sys.exec_prefix) for name in names)
    return next((str(place) for place in places if place.is_file()), sys.executable or names[-1])


def _libraries() -> list[str]:
    """Folders in which this process finds what the worker needs, without those that its Python looks through anyway."""
    own = {os.path.normcase(sysconfig.get_path(name)) for name in ("purelib", "platlib", "stdlib", "platstdlib")}
    found: dict[str, None] = {}
    for name in _NEEDED:
        spec = find_spec(name)
        if spec is not None and spec.origin:
            place = Path(spec.origin).parent
            folder = str(place.parent if spec.submodule_search_locations else place)
            if os.path.normcase(folder) not in own:
                found[folder] = None
    return list(found)
