"""The manifest, the zip and the repository, as Blender's own tool judges them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from installed import HERE, ROOT, script

MANIFEST = tomllib.loads((ROOT / "blender_manifest.toml").read_text(encoding="utf-8"))


@pytest.fixture
def tree(tmp_path) -> Path:
    """The least that can be judged: manifest, door and version."""
    (tmp_path / "blender_jewelgen").mkdir()
    for name in ("blender_manifest.toml", "__init__.py", "blender_jewelgen/__init__.py"):
        shutil.copyfile(ROOT / name, tmp_path / name)
    return tmp_path


def test_blender_accepts_the_checkout_as_it_lies_there(builder):
    builder.judge(ROOT)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('version = "0', 'version = "v0', "semantic-version"),
        ('id = "jewelgen"', 'id = "jewel-gen"', "id"),
        ("can be cast", "can be cast.", "tagline"),
        ("only when you ask for it", "only when you ask for it, and then in one piece or not at all", "permissions"),
        ('network = "', 'telepathy = "', "telepathy"),
        ('"Modeling"', '"Goldsmithing"', "Goldsmithing"),
        ('"4.5.0"', '"4.5"', "blender_version_min"),
        ("SPDX:GPL", "GPL", "SPDX"),
        ('version = "0', 'version = "1', "the code"),
        ('wheels = [', 'wheels = [\n  "./wheels/numpy.zip",', "wheel"),
    ],
)  # fmt: skip
def test_a_bad_manifest_is_refused_by_name(builder, tree, old, new, complaint):
    text = (tree / "blender_manifest.toml").read_text(encoding="utf-8")
    builder.judge(tree)
    changed = text.replace(f"\n{old}" if old.startswith("version") else old, f"\n{new}" if old.startswith("version") else new, 1)
    assert changed != text
    (tree / "blender_manifest.toml").write_text(changed, encoding="utf-8")
    with pytest.raises(SystemExit, match=complaint):
        builder.judge(tree)


def test_a_checkout_without_its_door_is_refused(builder, tree):
    (tree / "__init__.py").unlink()
    with pytest.raises(SystemExit, match="__init__"):
        builder.judge(tree)


def test_permissions_are_one_short_sentence_each():
    assert set(MANIFEST["permissions"]) == {"files", "network"}
    for text in MANIFEST["permissions"].values():
        assert len(text) <= 64 and text[0].isupper() and not text.endswith(".")


OURS = {"pillow", "manifold3d", "trimesh", "onnxruntime", "uharfbuzz"}
RING = {"keyring", "jaraco_classes", "jaraco_context", "jaraco_functools", "more_itertools", "importlib_metadata", "lazy_importer", "zipp", "backports_tarfile"}
LINUX = {"secretstorage", "jeepney", "cryptography", "cffi", "pycparser"}


def plain(name: str) -> str:
    """A package's name as wheels write it."""
    return re.sub(r"[-_.]+", "_", name).lower()


def test_the_manifest_lists_the_released_wheels_of_the_lock_and_no_numpy():
    wheels = script("fetch_wheels")
    rows = wheels.read_lock()
    listed = {Path(path).name for path in MANIFEST["wheels"]}
    assert listed == {row.file for row in rows if row.python in ("3.11", "3.13", "any")}
    assert {plain(row.name) for row in rows} == {plain(name) for name in wheels.WANTED} == OURS | RING | LINUX | {"pywin32_ctypes"}
    assert all(re.fullmatch("[0-9a-f]{64}", row.sha256) for row in rows)
    assert {row.platform for row in rows} - {"any"} == set(MANIFEST["platforms"])
    for platform in MANIFEST["platforms"]:
        for python in wheels.PYTHONS[platform]:
            got = {plain(row.name) for row in rows if row.fits(platform, [python])}
            assert (OURS | RING) - got == ({"onnxruntime"} if platform == "macos-x64" else set())  # not made for Intel Macs any more
            assert platform != "linux-x64" or got >= LINUX


def test_neither_lock_nor_scripts_name_a_host():
    for name in ("wheels/wheels.lock", "wheels/README.md", "scripts/fetch_wheels.py", "scripts/build_extension.py", "scripts/blender_chroot.py"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"https?://\w|file:///", text), name


def test_a_damaged_wheel_is_never_used(tmp_path, monkeypatch):
    wheels = script("fetch_wheels")
    row = wheels.Wheel("thing", "1", "thing-1-py3-none-any.whl", "any", "any", "0" * 64)
    (tmp_path / row.file).write_bytes(b"changed on the way")
    monkeypatch.setattr(wheels, "_download", lambda wheel, folder: (folder / wheel.file).write_bytes(b"changed again"))
    with pytest.raises(SystemExit, match="is not what"):
        wheels.fetch([row], tmp_path)
    assert not (tmp_path / row.file).exists()


def test_the_zip_holds_the_package_and_its_wheels_and_nothing_else(zipped):
    names = set(zipfile.ZipFile(zipped).namelist())
    package = {path.relative_to(ROOT).as_posix() for path in (ROOT / "blender_jewelgen").rglob("*") if path.is_file() and path.suffix != ".pyc"}
    rows = script("fetch_wheels").read_lock()
    wheels = {f"wheels/{row.file}" for row in rows if row.fits(HERE, ("3.11", "3.13"))}
    assert names == package | wheels | {"blender_manifest.toml", "__init__.py", "README.md", "LICENSE", "ATTRIBUTION.md"}


def test_the_zips_manifest_is_of_one_platform(zipped):
    manifest = tomllib.loads(zipfile.ZipFile(zipped).read("blender_manifest.toml").decode())
    assert manifest["platforms"] == [HERE] and {plain(Path(wheel).name.split("-")[0]) for wheel in manifest["wheels"]} >= OURS - {"onnxruntime"}
    assert len(manifest["wheels"]) == len(set(manifest["wheels"])) == len([row for row in script("fetch_wheels").read_lock() if row.fits(HERE, ("3.11", "3.13"))])
    assert {key: manifest[key] for key in ("id", "version", "license", "tags")} == {key: MANIFEST[key] for key in ("id", "version", "license", "tags")}


def test_two_builds_hold_the_same_bytes(builder, zipped, tmp_path):
    def content(path):
        archive = zipfile.ZipFile(path)
        return {info.filename: (info.CRC, info.date_time, info.external_attr) for info in archive.infolist()}

    assert content(builder.build(tmp_path, HERE)) == content(zipped)


def test_the_repository_lists_this_build_alone_and_its_links_install(builder, zipped, tmp_path):
    shutil.copy(zipped, tmp_path)
    shutil.copy(zipped, tmp_path / "jewelgen-0.0.1-old.zip")
    path = builder.index(tmp_path, [tmp_path / zipped.name])
    listing = json.loads(path.read_text(encoding="utf-8"))
    (item,) = listing["data"]
    assert item["id"] == "jewelgen" and item["version"] == MANIFEST["version"] and item["platforms"] == [HERE]
    assert item["archive_url"] == f"./{zipped.name}" and item["archive_hash"] == f"sha256:{script('fetch_wheels').digest(zipped)}"
    assert set(item["python_versions"]) <= {"3.11", "3.13"}
    (link,) = re.findall(r'href="([^"]*jewelgen[^"]*)"', (tmp_path / "index.html").read_text(encoding="utf-8"))
    assert link.startswith(f"./{zipped.name}?repository=.%2Findex.json&")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["index.html", "index.json", "jewelgen-0.0.1-old.zip", zipped.name])


@pytest.mark.parametrize("name", ["checkout", "not an identifier 1"])
def test_the_door_does_not_disturb_pytest(tmp_path, name):
    folder = tmp_path / name
    (folder / "tests").mkdir(parents=True)
    shutil.copyfile(ROOT / "__init__.py", folder / "__init__.py")
    (folder / "tests" / "test_one.py").write_text("def test_one():\n    pass\n")
    said = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], cwd=folder, capture_output=True, text=True, timeout=60)
    assert said.returncode == 0 and "1 passed" in said.stdout, said.stdout
