"""The rule of dependencies is a test: contracts on imports as written, and imports as they happen with what is heavy blocked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def plain(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env={**os.environ, "PYTHONUTF8": "1"}, timeout=120)


def contracts(folder: Path, config: Path) -> subprocess.CompletedProcess[str]:
    code = f"import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(config_filename={str(config)!r}, no_cache=True))"
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", cwd=folder, env={**os.environ, "PYTHONPATH": str(folder), "PYTHONUTF8": "1"},
    )


def test_the_contracts_of_pyproject_are_kept():
    said = contracts(ROOT, ROOT / "pyproject.toml")
    assert said.returncode == 0, said.stdout + said.stderr
    assert "0 broken" in said.stdout and " 0 kept" not in said.stdout


@pytest.mark.parametrize(("module", "line"), [("core", "def f():\n    import bpy\n"), ("core", "from ..cli import main\n"), ("engines", "from ..blender import picture\n")])
def test_the_contracts_see_a_forbidden_import_even_inside_a_function(module, line, tmp_path):
    import shutil

    shutil.copytree(ROOT / "blender_jewelgen", tmp_path / "blender_jewelgen", ignore=shutil.ignore_patterns("__pycache__", "*.json"))
    (tmp_path / "blender_jewelgen" / module / "trespass.py").write_text(line)
    said = contracts(tmp_path, ROOT / "pyproject.toml")
    assert said.returncode != 0 and "trespass" in said.stdout


IMPORT_ALL = """
import importlib, pkgutil, sys
class Wall:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in {blocked!r}:
            raise ImportError(f'{{name}} is blocked')
sys.meta_path.insert(0, Wall())
import blender_jewelgen
names = [m.name for m in pkgutil.walk_packages(blender_jewelgen.__path__, 'blender_jewelgen.') if not m.name.endswith('__main__')]
wanted = [n for n in names if n.startswith(tuple('blender_jewelgen.' + p for p in {packages!r}))]
for name in wanted:
    importlib.import_module(name)
print(len(wanted))
print(sorted(n for n in ('bpy', 'PIL', 'trimesh', 'manifold3d', 'scipy', 'torch') if n in sys.modules))
"""


@pytest.mark.parametrize(
    ("packages", "least"), [(("core", "engines"), 50), (("cli",), 8), (("blender.picture", "blender.poses", "blender.recesses"), 3)],  # the rest needs bpy
    ids=["core and engines", "cli", "blender"],
)
def test_every_module_imports_without_anything_heavy(packages, least):
    blocked = ("bpy", "mathutils", "torch", "diffusers", "requests", "scipy", "PIL", "trimesh", "manifold3d")
    said = plain(IMPORT_ALL.format(blocked=blocked, packages=packages))
    assert said.returncode == 0, said.stderr
    count, loaded = said.stdout.splitlines()
    assert int(count) >= least and loaded == "[]"


@pytest.mark.parametrize("line", [["list", "forms"], ["list", "motifs"], ["list", "engines"], ["make", ""], ["make", "lotus", "--metal", "cheese"]], ids=" ".join)
def test_a_quick_command_loads_neither_pictures_nor_meshes(line):
    said = plain(
        f"import sys; from blender_jewelgen.cli.main import main; main({line!r})\n"
        "print(sorted(n for n in ('bpy', 'PIL', 'trimesh', 'manifold3d', 'scipy') if n in sys.modules))"
    )
    assert said.returncode == 0, said.stderr
    assert said.stdout.splitlines()[-1] == "[]"
