"""The environment beside the code: made at first use from a lock with hashes, resumed, checked and mended. Standard library only."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHONS = {(3, 11): "bpy 4.5.15 LTS", (3, 13): "bpy 5.2.3 LTS"}
PACKAGES = {"run": ("numpy", "PIL", "manifold3d", "trimesh", "uharfbuzz", "bpy"), "test": ("numpy", "PIL", "manifold3d", "trimesh", "uharfbuzz", "bpy", "pytest")}


def interpreter(kind: str, repair: bool = False) -> Path:
    """The Python of a complete environment of ``kind`` ("run" or "test"), set up first if need be.

    Ends the program with one sentence and code 2 where that cannot be.
    """
    version = sys.version_info[:2]
    if version not in PYTHONS:
        names = " or ".join(f"Python {a}.{b} (takes {what})" for (a, b), what in PYTHONS.items())
        stop(f"this is Python {version[0]}.{version[1]}; JewelGen needs {names}")
    try:
        return _ready(kind, repair)
    except KeyboardInterrupt:
        stop("set-up interrupted; the next start resumes it", 130)
    except OSError as error:
        stop(f"the environment in {VENV} cannot be set up ({error.strerror or error}: {error.filename or ROOT})")
    raise AssertionError("stop ends the program")


def _ready(kind: str, repair: bool) -> Path:
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not _lock(kind).exists():
        stop(f"{_lock(kind)} is missing; the checkout is not complete")
    wanted = _wanted(kind)
    if _stamp(kind) == wanted and not repair:
        broken = "its Python is gone" if not python.exists() else _gone(kind)
        if broken:
            stop(f"the environment in {VENV} is broken ({broken}); run again with --repair")
        return python
    with _Alone():
        if repair and os.path.lexists(VENV):
            say("removing the old environment")
            shutil.rmtree(VENV)
        if _stamp(kind) != wanted:  # a set-up that was waited for may have done it
            _set_up(kind, python)
    return python


def _gone(kind: str) -> str:
    """Which packages are not there any more; a look at one folder, so that a start stays quick."""
    try:
        there = {name.split(".")[0] for name in os.listdir(_site())}
    except OSError:
        return "its packages are gone"
    gone = [name for name in (*PACKAGES[kind], "jewelgen") if name not in there]
    return f"{' and '.join(gone)} {'is' if len(gone) == 1 else 'are'} gone" if gone else ""


def _site() -> Path:
    return VENV / ("Lib/site-packages" if os.name == "nt" else f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages")


def _set_up(kind: str, python: Path) -> None:
    started = time.time()
    begun = VENV / "begun"  # lies there while the environment itself is made, before packages come
    if python.exists() and not begun.exists() and not _answers(python):
        stop(f"the environment in {VENV} is broken (its Python does not start, or is not {_label()}); run again with --repair")
    if not python.exists() or begun.exists():
        say(f"first use: making an environment in {VENV} (about 1 GB on disk, some minutes; an interrupted one is resumed)")
        VENV.mkdir(exist_ok=True)
        begun.touch()
        _run([sys.executable, "-m", "venv", str(VENV)], "making the environment")
        begun.unlink()
    lock = _lock(kind)
    say(f"installing packages from {lock.relative_to(ROOT)} (bpy is the large one, about 370 MB)")
    command = [str(python), "-m", "pip", "install", "--require-hashes", "--disable-pip-version-check", "-r", str(lock)]
    _run(command, "installing", show=re.compile(r"^\s*(Collecting|Downloading|Installing|Using cached)\b"))
    # code, not a bare path: Python 3.11 reads these files in the system's own encoding, which need not hold every name
    (_site() / "jewelgen.pth").write_text(f"import sys; sys.path.append({str(ROOT)!a})\n", encoding="ascii")
    for each in ("run", "test") if kind == "test" else ("run",):  # the tests' environment holds all that a run needs
        (VENV / f"{each}.stamp").write_text(_wanted(each), encoding="utf-8")
    say(f"ready after {time.time() - started:.0f} s")


def _lock(kind: str) -> Path:
    return ROOT / "scripts" / "locks" / f"{kind}-{sys.version_info[0]}.{sys.version_info[1]}.lock"


def _wanted(kind: str) -> str:
    digest = hashlib.sha256(_lock(kind).read_bytes()).hexdigest()
    return f"{_label()} {digest} {str(ROOT).encode('ascii', 'backslashreplace').decode()}"


def _label() -> str:
    return f"Python {sys.version_info[0]}.{sys.version_info[1]}"


def _stamp(kind: str) -> str:
    try:
        return (VENV / f"{kind}.stamp").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _answers(python: Path) -> bool:
    code = "import sys, pip; print('%d.%d' % sys.version_info[:2])"
    try:
        found = subprocess.run([str(python), "-c", code], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return found.stdout.strip() == f"{sys.version_info[0]}.{sys.version_info[1]}"


def _run(command: list[str], what: str, show: re.Pattern[str] | None = None) -> None:
    """Run a step of the set-up, passing on the lines that tell of progress; its last lines if it fails."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    assert process.stdout
    last: list[str] = []
    try:
        for line in process.stdout:
            last = [*last[-14:], line.rstrip()]
            if show and show.match(line):
                say("  " + re.sub(r"(https?|file)://\S+", "", line.strip())[:110])
        code = process.wait()
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        stop("set-up interrupted; the next start resumes it", 130)
    if code:
        print("\n".join(last), file=sys.stderr)
        stop(f"{what} failed (see above); mend the cause and start again, or use --repair")


class _Alone:
    """One set-up at a time: a second one waits for the first."""

    def __enter__(self) -> None:
        self.path = ROOT / ".venv.lock"
        told = False
        while True:
            try:
                handle = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
            except FileExistsError:
                if self._abandoned():
                    self.path.unlink(missing_ok=True)
                    continue
                if not told:
                    say(f"another set-up is at work; waiting for it (if there is none, delete {self.path.name})")
                    told = True
                time.sleep(0.5)
                continue
            os.write(handle, str(os.getpid()).encode())
            os.close(handle)
            return

    def __exit__(self, *_: object) -> None:
        self.path.unlink(missing_ok=True)

    def _abandoned(self) -> bool:
        try:
            age = time.time() - self.path.stat().st_mtime
            owner = int(self.path.read_text() or "0")
        except OSError:
            return False  # it is gone by now
        except ValueError:
            owner = 0
        if not owner:
            return age > 5.0
        if os.name == "nt":
            return age > 3600.0
        try:
            os.kill(owner, 0)
        except (ProcessLookupError, OverflowError):
            return True
        except PermissionError:
            pass
        return False


def hand_over(python: Path, arguments: list[str]) -> None:
    """Become ``python arguments``; its exit code is ours."""
    sys.stdout.flush()
    try:
        if os.name == "nt":
            sys.exit(subprocess.run([str(python), *arguments]).returncode)
        os.execv(python, [str(python), *arguments])
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        stop(f"the environment in {VENV} is broken (its Python does not start: {error.strerror or error}); run again with --repair")


def say(text: str) -> None:
    """A line of progress, on stderr so that stdout stays for results."""
    print(f"jewelgen: {text}", file=sys.stderr, flush=True)


def stop(text: str, code: int = 2) -> None:
    """End with one sentence."""
    print(f"jewelgen: {text}", file=sys.stderr)
    sys.exit(code)
