#!/usr/bin/env python3
"""A real Blender with a screen, on a Debian without either: a folder with Debian unstable inside, entered as root.

    python3 scripts/blender_chroot.py            # make it (two to five minutes, 320 MB to fetch, 1.3 GB on disk) or say that it is there

The folder is $JEWELGEN_CHROOT or one in the user's cache. Debian's mirror is the one that this machine's apt uses. Whoever enters
is in name spaces of its own: mounts, processes and network end with the command, and /tmp inside is memory.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

PROGRAMS = ("blender", "Xvfb", "xdotool", "import", "python3")  # in usr/bin, when complete
PACKAGES = """blender python3-numpy python3-requests python3-zstandard python3-cattr python3-fastjsonschema ca-certificates
    xvfb libgl1 libgl1-mesa-dri libglx-mesa0 libegl1 libegl-mesa0 xdotool x11-utils imagemagick procps""".split()
APT = """Acquire::Check-Valid-Until "false";
APT::Install-Recommends "false";
Acquire::Languages "none";
"""
# arguments: root, folder to show as /job or nothing, command
ENTER = """set -e
root=$1 job=$2; shift 2
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sys "$root/sys" || true
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
if [ -n "$job" ]; then mkdir "$root/tmp/job"; mount --bind "$job" "$root/tmp/job"; fi
exec chroot "$root" "$@"
"""


def folder() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("JEWELGEN_CHROOT") or Path(cache) / "jewelgen" / "blender-sid")


def hindrance() -> str | None:
    """Why this machine cannot have one, in a few words."""
    if not sys.platform.startswith("linux") or not Path("/etc/debian_version").exists():
        return "this is not Debian"
    if os.geteuid() != 0:
        return "only root may enter a root folder"
    if shutil.which("unshare") is None:
        return "unshare is not installed"
    if subprocess.run(["unshare", "--mount", "--net", "--pid", "--fork", "true"], capture_output=True).returncode:
        return "this machine allows no name spaces of one's own"
    if not complete(folder()):
        if shutil.which("debootstrap") is None:
            return "debootstrap is not installed"
        if mirror() is None:
            return "apt on this machine names no Debian mirror"
    return None


def complete(root: Path) -> bool:
    # lexists, for links inside lead elsewhere when seen from here
    return not (root / ".making").exists() and all(os.path.lexists(root / "usr/bin" / name) for name in PROGRAMS)


def mirror(apt: Path = Path("/etc/apt")) -> str | None:
    """The address of Debian itself in apt's own lists, of either style."""
    for path in (apt / "sources.list", *sorted(apt.glob("sources.list.d/*"))):
        if path.suffix in (".list", ".sources") and path.is_file():
            lines = [line for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if not line.lstrip().startswith("#")]
            found = re.search(r"\bhttps?:\S+/debian/?(?=\s|$)", "\n".join(lines))
            if found:
                return found[0]
    return None


def make(root: Path) -> None:
    """Make or complete it; raises CalledProcessError where a step fails. A broken-off one is made anew."""
    if complete(root):
        return
    if (root / ".making").exists():
        shutil.rmtree(root)  # nothing is mounted there: mounts end with those who made them
    root.mkdir(parents=True, exist_ok=True)
    (root / ".making").touch()
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    subprocess.run(["debootstrap", "--variant=minbase", "sid", str(root), str(mirror())], check=True, env=environment)
    (root / "etc/apt/apt.conf.d/99jewelgen").write_text(APT, encoding="ascii")
    (root / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n", encoding="ascii")  # no services inside
    (root / "usr/sbin/policy-rc.d").chmod(0o755)
    for name in ("resolv.conf", "hosts"):
        shutil.copyfile(f"/etc/{name}", root / "etc" / name)
    mtab = root / "etc/mtab"
    if not mtab.is_symlink():
        mtab.symlink_to("/proc/self/mounts")
    for words in (["update", "-q"], ["install", "-y", "-q", *PACKAGES], ["clean"]):
        subprocess.run(command(root, ["apt-get", *words], network=True), check=True, env=environment)
    (root / ".making").unlink()


def command(root: Path, words: list[str], job: Path | None = None, network: bool = False) -> list[str]:
    """The command line that runs ``words`` inside; ``job`` appears there as /tmp/job. All that it starts ends with it."""
    spaces = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", *([] if network else ["--net"])]
    return [*spaces, "sh", "-c", ENTER, "sh", str(root), str(job or ""), *words]


def run(root: Path, words: list[str], job: Path, environment: Mapping[str, str], timeout: float) -> int:
    """The exit code of ``words`` run inside without a network; 124 after ``timeout`` seconds."""
    process = subprocess.Popen(command(root, words, job), env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **environment}, stdin=subprocess.DEVNULL)
    try:
        return process.wait(timeout)
    except subprocess.TimeoutExpired:
        return 124
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def main() -> int:
    reason = hindrance()
    if reason:
        print(f"SKIPPED: {reason}")
        return 0
    make(folder())
    print(f"ready in {folder()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
