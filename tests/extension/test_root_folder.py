"""The root folder with a real Blender: where Debian comes from, and what whoever enters may touch."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from installed import script

chroot = script("blender_chroot")
PLACE = "http://mirror.test"


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("sources.list", "deb {} bookworm main\n", True),
        ("sources.list", "# deb {} bookworm main\n", False),
        ("sources.list", "deb [signed-by=/k.gpg] {} bookworm main contrib\n", True),
        ("sources.list", "deb {}-security bookworm-security main\n", False),
        ("sources.list.d/debian.sources", "Types: deb\n# {}/other\nURIs: {}\nSuites: bookworm\n", True),
        ("sources.list.d/debian.sources.bak", "URIs: {}\n", False),
    ],
)
def test_the_mirror_is_the_one_that_apt_uses(tmp_path, name, text, found):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    place = f"{PLACE}/debian"
    path.write_text(text.format(place, place))
    assert chroot.mirror(tmp_path) == (place if found else None)


def test_a_folder_that_was_broken_off_is_not_complete(tmp_path):
    (tmp_path / "usr/bin").mkdir(parents=True)
    for name in chroot.PROGRAMS:
        (tmp_path / "usr/bin" / name).symlink_to("/etc/alternatives/nowhere")
    assert chroot.complete(tmp_path)
    (tmp_path / ".making").touch()
    assert not chroot.complete(tmp_path)


def test_who_is_not_root_is_told_so(monkeypatch):
    if not Path("/etc/debian_version").exists():
        pytest.skip("not Debian")
    monkeypatch.setattr(chroot.os, "geteuid", lambda: 1000)
    assert "root" in chroot.hindrance()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root may enter")
def test_inside_there_is_no_network_and_no_mount_stays_behind(tmp_path):
    if chroot.hindrance() and not chroot.complete(chroot.folder()):
        pytest.skip(str(chroot.hindrance()))
    if not chroot.complete(chroot.folder()):
        pytest.skip("the root folder is not made")
    before = Path("/proc/mounts").read_text()
    look = "import os; print(sorted(os.listdir('/sys/class/net')), os.listdir('/tmp'), len([n for n in os.listdir('/proc') if n.isdigit()]))"
    said = subprocess.run(chroot.command(chroot.folder(), ["python3", "-c", look], job=tmp_path), capture_output=True, text=True, timeout=60)
    assert said.stdout.strip() == "['lo'] ['job'] 1", said.stdout + said.stderr
    assert Path("/proc/mounts").read_text() == before
