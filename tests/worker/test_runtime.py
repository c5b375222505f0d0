"""The AI runtime installed from a folder of tiny wheels by a real pip, broken on purpose in many ways, and healed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pretend_wheels as pretend
import pytest

from blender_jewelgen.core.errors import BadInput, Cancelled, JewelGenError
from blender_jewelgen.worker.runtime import builds as runtime_builds
from blender_jewelgen.worker.runtime import care as ai
from blender_jewelgen.worker.runtime import child as runtime_child
from blender_jewelgen.worker.runtime import files as runtime_files
from blender_jewelgen.worker.runtime import lock as runtime_lock
from blender_jewelgen.worker.runtime import plan as runtime_plan
from blender_jewelgen.worker.runtime import steps as runtime_steps

ROOT = Path(__file__).parents[2]
posix = pytest.mark.skipif(os.name == "nt", reason="signals and links of POSIX")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """(folder of wheels, lock, a runtime that was installed from them): made once, copied by each test."""
    base = tmp_path_factory.mktemp("runtime")
    wheels = pretend.shelf(base / "wheels")
    lock = pretend.lock_for(wheels, base / "runtime.lock")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JEWELGEN_RUNTIME_LOCK", str(lock))
        ai.install(base / "jg", "cpu", wheels)
    return wheels, lock, base / "jg"


@pytest.fixture
def wheels(made, monkeypatch):
    """The folder of wheels; the lock of this process is theirs."""
    monkeypatch.setenv("JEWELGEN_RUNTIME_LOCK", str(made[1]))
    return made[0]


def _copied(old: str, new: str) -> None:
    """A copy; of pip's many files, which no test writes into, a link."""
    if {"pip", "setuptools", "pkg_resources"} & set(Path(old).parts[-12:]) and hasattr(os, "link"):
        os.link(old, new)
    else:
        shutil.copy2(old, new)


@pytest.fixture
def root(made, wheels, tmp_path):
    """A complete runtime of this test's own."""
    shutil.copytree(made[2], tmp_path / "jg", symlinks=True, copy_function=_copied)
    assert ai.state(tmp_path / "jg").name == "ready"
    return tmp_path / "jg"


@pytest.fixture
def bare(root):
    """A folder in which the environment was made and nothing installed: an install that was stopped early."""
    site = pretend.site(root)
    for name in pretend.VERSIONS:
        runtime_files.scrub(site, runtime_lock.plain(name))
        shutil.rmtree(site / name, ignore_errors=True)
    runtime_files.write_stamp(root, {"complete": False, "build": "cpu"})
    return root


class Heard:
    """A tell that keeps what it was told, and raises at a text."""

    def __init__(self, stop: str = "") -> None:
        self.rows: list[tuple[float, str]] = []
        self._stop = stop

    def __call__(self, share: float, text: str) -> None:
        self.rows.append((share, text))
        if self._stop and self._stop in text:
            raise Cancelled("cancelled")

    @property
    def texts(self) -> list[str]:
        return list(dict.fromkeys(text for _, text in self.rows))


def test_an_install_from_a_folder_of_wheels_is_ready_and_keeps_to_its_folder(made, wheels):
    now = ai.state(made[2])
    assert (now.name, now.version, now.build, now.what) == ("ready", "torch 2.13.0+cpu, diffusers 0.42.1", "cpu", ())
    assert ai.python(made[2]) == str(runtime_files.python_in(made[2] / "rt"))
    assert ai.check(made[2], deep=True) == []
    assert sorted(p.name for p in made[2].iterdir()) == ["busy", "log.txt", "rt", "state.json"]  # nothing temporary, no second copy of the wheels


def test_progress_never_goes_back_and_an_install_of_a_whole_runtime_changes_nothing(root, wheels):
    before = {p: p.stat().st_mtime_ns for p in pretend.site(root).rglob("*") if p.is_file() and p.suffix != ".pyc"}
    heard = Heard()
    assert ai.install(root, "cpu", wheels, tell=heard).name == "ready"
    shares = [share for share, _ in heard.rows]
    assert shares == sorted(shares) and not any("unpacking" in text for text in heard.texts)
    assert {p: p.stat().st_mtime_ns for p in before} == before


def test_a_plan_names_build_packages_disk_and_room_and_writes_nothing(tmp_path, wheels):
    planned = ai.plan(tmp_path / "jg", "cpu", wheels)
    told = "\n".join(planned.lines())
    assert [row.name for row in planned.missing] == [row.name for row in planned.rows] and len(planned.rows) == 8
    assert "build: cpu" in told and "8 packages" in told and str(wheels) in told and "needed" in told and "free" in told
    assert planned.disk >= 700e6 and planned.fetch == 0  # the processor's torch on disk; nothing is fetched
    assert not (tmp_path / "jg").exists()
    online = ai.plan(tmp_path / "jg", "cpu")
    assert online.fetch >= 185e6 and online.disk > planned.disk and "over the network" in "\n".join(online.lines())


def broken_by(root, wheels, what):
    """What check says after the runtime was broken; then it is repaired, and must be whole to the bit."""
    site = pretend.site(root)
    found = what(site)
    said = ai.check(root, deep=True)
    heard = Heard()
    now = ai.repair(root, wheels, tell=heard)
    assert (now.name, ai.check(root, deep=True)) == ("ready", [])
    return said, heard, found


def test_a_deleted_package_is_named_and_healed_alone(root, wheels):
    said, heard, _ = broken_by(root, wheels, lambda site: shutil.rmtree(site / "diffusers"))
    assert said == ["diffusers lacks 2 of its files, diffusers/__init__.py the first"]
    assert "unpacking diffusers" in heard.texts


def test_a_package_gone_with_its_list_is_seen_by_the_quick_look(root, wheels):
    def gone(site):
        shutil.rmtree(site / "peft")
        shutil.rmtree(next(site.glob("peft-*.dist-info")))
        return ai.state(root)

    said, _heard, quick = broken_by(root, wheels, gone)
    assert said == ["peft is missing"]
    assert (quick.name, quick.what) == ("broken", ("peft is missing",)) and "peft is missing" in quick.sentence()


def test_a_truncated_file_is_named_and_healed(root, wheels):
    said, _, _ = broken_by(root, wheels, lambda site: os.truncate(site / "torch/lib/weights.bin", 100))
    assert said == ["the file torch/lib/weights.bin of torch is damaged"]


def test_a_file_of_the_right_length_and_wrong_bits_is_found_by_a_deep_look_and_healed(root, wheels):
    def flip(site):
        file = site / "numpy/lib/weights.bin"
        file.write_bytes(file.read_bytes()[::-1])
        return ai.check(root)

    said, _, shallow = broken_by(root, wheels, flip)
    assert (shallow, said) == ([], ["the file numpy/lib/weights.bin of numpy is damaged"])


def test_a_wrong_version_is_named_and_replaced(root, wheels, tmp_path):
    def other(site):
        old = pretend.wheel(tmp_path / "old", "diffusers", "0.30.0")
        subprocess.run([runtime_files.python_in(root / "rt"), "-m", "pip", "install", "--no-index", "--no-deps", "-q", old], check=True, capture_output=True)

    said, _, _ = broken_by(root, wheels, other)
    assert said == ["diffusers has version 0.30.0; 0.42.1 is needed"]
    assert not list(pretend.site(root).glob("diffusers-0.30*"))


def test_two_versions_mixed_are_named_and_sorted_out(root, wheels, tmp_path):
    def mixed(site):
        shutil.copytree(next(site.glob("torch-*.dist-info")), site / "torch-2.5.0.dist-info")

    said, _, _ = broken_by(root, wheels, mixed)
    assert said == ["torch is there twice, as 2.13.0+cpu and 2.5.0"]


@posix
def test_a_missing_interpreter_is_named_and_made_anew_with_the_packages_kept(root):
    site = pretend.site(root)
    before = (site / "torch/lib/weights.bin").stat().st_ino
    for file in (root / "rt/bin").glob("python*"):
        file.unlink()
    now = ai.state(root)
    assert now.name == "broken" and "its Python is gone" in now.what[0]
    assert ai.repair(root).name == "ready"  # no folder of wheels: nothing had to come anew
    assert (site / "torch/lib/weights.bin").stat().st_ino == before


@posix
def test_a_python_that_was_uninstalled_is_named(root):
    cfg = root / "rt/pyvenv.cfg"
    cfg.write_text(cfg.read_text().replace("home = ", "home = /gone"))
    assert ai.state(root).what == (f"its Python is gone ({runtime_plan.home_of(root / 'rt')})",)
    assert ai.python(root) is None


def test_a_removed_stamp_is_an_install_in_part_that_goes_on_without_unpacking(root, wheels):
    (root / "state.json").unlink()
    assert (ai.state(root).name, ai.python(root)) == ("partial", None)
    heard = Heard()
    assert ai.install(root, "cpu", wheels, tell=heard).name == "ready"
    assert not any("unpacking" in text for text in heard.texts)


def test_a_stamp_that_is_no_json_is_no_stamp(root):
    (root / "state.json").write_text('{"complete": tr')
    assert ai.state(root).name == "partial"


def test_pip_itself_broken_is_mended(root, wheels):
    site = pretend.site(root)
    shutil.rmtree(site / "pip/_internal")
    shutil.rmtree(site / "peft")
    assert ai.repair(root, wheels).name == "ready"


def test_a_library_that_does_not_load_though_whole_has_the_environment_made_anew(root, wheels):
    (pretend.site(root) / "json.py").write_text("raise ImportError('a stray file')")  # nothing of the lock, and before the standard library it is not
    (pretend.site(root) / "stray.pth").write_text("import sys; sys.path.insert(0, sys.path.pop())\n")
    assert ai.repair(root, wheels).name == "ready"
    assert not (pretend.site(root) / "json.py").exists()


def test_a_wheel_with_another_fingerprint_is_refused_by_name(bare, wheels, tmp_path):
    other = shutil.copytree(wheels, tmp_path / "other")
    pretend.wheel(other, "peft", pretend.VERSIONS["peft"], body="# changed on the way\n")
    with pytest.raises(BadInput, match=r"peft-0\.21\.2-py3-none-any\.whl in .* is damaged or not the file it should be"):
        ai.install(bare, "cpu", other)
    assert not (pretend.site(bare) / "torch").exists()  # nothing is unpacked before all is looked at
    assert ai.install(bare, "cpu", wheels).name == "ready"


def test_half_a_wheel_is_refused_by_name(bare, wheels, tmp_path):
    other = shutil.copytree(wheels, tmp_path / "other")
    file = next(other.glob("torch-*"))
    os.truncate(file, file.stat().st_size // 2)
    with pytest.raises(BadInput, match=r"torch-2\.13\.0\+cpu.*is damaged"):
        ai.install(bare, "cpu", other)


def test_all_wheels_that_a_folder_lacks_are_named_at_once(bare, wheels, tmp_path):
    other = shutil.copytree(wheels, tmp_path / "other")
    for name in ("peft", "numpy"):
        next(other.glob(f"{name}-*")).unlink()
    with pytest.raises(BadInput, match=r"lacks numpy 2\.4\.6, peft 0\.21\.2 for Python 3\.\d+ on \w+|lacks peft 0\.21\.2, numpy 2\.4\.6 for Python") as caught:
        ai.install(bare, "cpu", other)
    assert caught.value.field == "runtime"


@pytest.mark.skipif(sys.platform != "linux", reason="which build is the default one differs")
def test_a_folder_with_another_build_of_torch_says_which_and_how_to_take_it(bare, wheels):
    with pytest.raises(BadInput, match=r"holds torch 2\.13\.0 as the cpu build, not as the cuda build") as caught:
        ai.install(bare, "cuda", wheels)
    assert caught.value.fix.option == "--build cpu"


def test_a_full_disk_is_told_before_anything_is_written(tmp_path, wheels, monkeypatch):
    monkeypatch.setattr(runtime_files, "free", lambda root: 10_000_000)
    with pytest.raises(BadInput, match=r"the AI runtime needs 0\.\d GB on the disk of .*, which has 10 MB free"):
        ai.install(tmp_path / "jg", "cpu", wheels)
    assert not (tmp_path / "jg/rt").exists()


def test_a_disk_that_fills_up_while_unpacking_is_told_and_the_next_install_goes_on(bare, wheels, monkeypatch):
    real = runtime_child.module

    def full(python, name, arguments, *rest, **named):
        if arguments[0] == "install":
            raise runtime_child.ChildFailed(1, ["ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"])
        return real(python, name, arguments, *rest, **named)

    monkeypatch.setattr(runtime_child, "module", full)
    with pytest.raises(BadInput, match=r"the disk is full while unpacking .*what is there stays"):
        ai.install(bare, "cpu", wheels)
    monkeypatch.undo()
    os.environ["JEWELGEN_RUNTIME_LOCK"] = str(wheels.parent / "runtime.lock")
    try:
        assert ai.install(bare, "cpu", wheels).name == "ready"
    finally:
        del os.environ["JEWELGEN_RUNTIME_LOCK"]


PHASES = ("looking at this machine", "looking for wheels", "looking at the wheels", "unpacking", "trying the libraries")


@pytest.mark.parametrize("phase", PHASES)
def test_cancel_acts_in_every_phase_and_the_next_install_goes_on(bare, wheels, phase):
    began = time.monotonic()
    with pytest.raises(Cancelled):
        ai.install(bare, "cpu", wheels, tell=Heard(phase))
    assert time.monotonic() - began < 20
    assert ai.state(bare).name == "partial" and not ai.state(bare).busy
    assert ai.install(bare, "cpu", wheels).name == "ready"


def test_cancel_while_the_environment_is_made_ends_its_process_and_the_next_install_begins_it_anew(tmp_path, wheels):
    class Late(Heard):
        def __call__(self, share, text):
            super().__call__(share, text)
            if text == "making the environment" and (tmp_path / "jg/rt/pyvenv.cfg").exists():
                raise Cancelled("cancelled")

    with pytest.raises(Cancelled):
        ai.install(tmp_path / "jg", "cpu", wheels, tell=Late())
    assert ai.state(tmp_path / "jg").name == "partial" and (tmp_path / "jg/rt/begun").exists()
    assert ai.install(tmp_path / "jg", "cpu", wheels).name == "ready"


KILLED = """
import os, signal, sys
sys.path.insert(0, {package!r})
from pathlib import Path
from blender_jewelgen.worker.runtime import care as ai
def tell(share, text):
    if {when}:
        os.kill(os.getpid(), signal.SIGKILL)
ai.install(Path({root!r}), "cpu", {wheels}, tell=tell)
"""


def killed(root, wheels, when, **env):
    """Install in a process that is killed when ``when`` holds; its code."""
    script = KILLED.format(package=str(ROOT), root=str(root), wheels=f"Path({str(wheels)!r})" if wheels else None, when=when)
    return subprocess.run([sys.executable, "-c", script], env=os.environ | env, capture_output=True, timeout=120).returncode


@posix
@pytest.mark.parametrize("when", ["share >= 0.5", "'unpacking' in text"])
def test_killed_at_half_the_next_install_goes_on(bare, wheels, when):
    assert killed(bare, wheels, when) == -signal.SIGKILL
    assert ai.state(bare).name == "partial" and not ai.state(bare).busy  # the lock went with the process
    assert ai.install(bare, "cpu", wheels).name == "ready"
    assert ai.check(bare, deep=True) == []


@posix
def test_killed_while_fetching_what_was_fetched_is_not_fetched_again(bare, wheels, monkeypatch):
    index = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "JEWELGEN_TORCH_INDEX": "file:///nowhere"}
    monkeypatch.setattr("blender_jewelgen.worker.runtime.wheels._TOGETHER", 2)
    for name, value in index.items():
        monkeypatch.setenv(name, value)
    assert killed(bare, None, "'fetching torch' in text") == -signal.SIGKILL
    there = {p.name: p.stat().st_mtime_ns for p in (bare / "wh").glob("*.whl")}
    assert len(there) == 7  # all but torch, which comes last
    heard = Heard()
    assert ai.install(bare, "cpu", tell=heard, keep=True).name == "ready"
    assert [text for text in heard.texts if text.startswith("fetching")] == ["fetching torch 2.13.0+cpu (8 of 8)"]
    assert there.items() <= {p.name: p.stat().st_mtime_ns for p in (bare / "wh").glob("*.whl")}.items()


@posix
def test_no_pip_works_on_when_the_process_that_began_it_was_killed(tmp_path):
    script = f"""
import sys; sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from blender_jewelgen.worker.runtime import child
child.module(sys.executable, "timeit", ["-n", "1", "-r", "1", "-s", "import os, time", "open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(60)"], lambda: None, Path({str(tmp_path / 'log')!r}), Path({str(tmp_path)!r}))
"""
    parent = subprocess.Popen([sys.executable, "-c", script])
    end = time.monotonic() + 30
    while not ((tmp_path / "pid").exists() and (tmp_path / "pid").read_text()) and time.monotonic() < end:
        time.sleep(0.05)
    child = int((tmp_path / "pid").read_text())
    parent.kill()
    parent.wait()
    while time.monotonic() < end:
        state = Path(f"/proc/{child}/stat")
        if not state.exists() or state.read_text().rpartition(") ")[2][0] == "Z":
            return
        time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    pytest.fail("the child lives on")


def test_damaged_wheels_of_the_cache_are_thrown_away_and_fetched_anew(bare, wheels, monkeypatch):
    for name, value in {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels)}.items():
        monkeypatch.setenv(name, value)
    (bare / "wh").mkdir()
    for file in wheels.glob("*.whl"):
        shutil.copy(file, bare / "wh")
    pretend.wheel(bare / "wh", "peft", pretend.VERSIONS["peft"], body="# changed\n")
    os.truncate(bare / "wh" / next(wheels.glob("numpy-*")).name, 50)
    with pytest.raises(BadInput, match=r"peft-.* in the cache was damaged and is deleted; install again"):
        ai.install(bare, "cpu", index="default")
    assert ai.install(bare, "cpu", index="default").name == "ready"
    assert not (bare / "wh").exists()  # the wheels go when all is installed


def test_what_a_build_of_torch_alone_asks_for_comes_too_and_is_watched(bare, wheels, tmp_path):
    other = shutil.copytree(wheels, tmp_path / "other")
    pretend.wheel(other, "torch", "2.13.0+cpu", requires=("graphics_things==1.2.0; python_version >= '3'", "never==1.0; python_version < '3'", "numpy>=1", "opt==1; extra == 'opt'"))
    pretend.wheel(other, "graphics_things", "1.2.0")
    assert ai.install(bare, "cpu", other).name == "ready"
    shutil.rmtree(pretend.site(bare) / "graphics_things")
    assert ai.check(bare) == ["graphics-things lacks 2 of its files, graphics_things/__init__.py the first"]
    assert ai.repair(bare, other).name == "ready"


def test_two_at_a_time_are_refused(root, wheels):
    with runtime_files.alone(root):
        assert ai.state(root).busy
        with pytest.raises(BadInput, match="another install, repair or removal is at work"):
            ai.install(root, "cpu", wheels)
    assert not ai.state(root).busy


def test_removing_frees_all_and_leaves_what_is_not_ours(root):
    (root / "mine.txt").write_text("a letter")
    (root / "wh").mkdir()
    (root / "wh/notes.md").write_text("mine too")
    freed = ai.remove(root)
    assert freed > 1_000_000 and ai.state(root).name == "absent"
    assert sorted(p.relative_to(root).as_posix() for p in root.rglob("*")) == ["mine.txt", "wh", "wh/notes.md"]
    assert ai.remove(root) == 0


def test_a_removal_that_was_stopped_is_a_removal_and_its_rest_goes_later(root, wheels):
    class After(Heard):
        def __call__(self, share, text):
            super().__call__(share, text)
            if len(self.rows) > 3:
                raise Cancelled("cancelled")

    with pytest.raises(Cancelled):
        ai.remove(root, After())
    assert ai.state(root).name == "absent" and list(root.glob("old*"))
    ai.remove(root)
    assert not root.exists()


def test_a_folder_of_somebody_elses_is_never_touched(tmp_path, wheels):
    (tmp_path / "jg/rt").mkdir(parents=True)
    (tmp_path / "jg/rt/thesis.txt").write_text("two years of work")
    with pytest.raises(BadInput, match="is there and not of JewelGen"):
        ai.install(tmp_path / "jg", "cpu", wheels)
    ai.remove(tmp_path / "jg")
    assert (tmp_path / "jg/rt/thesis.txt").read_text() == "two years of work"


def test_an_environment_of_others_is_used_as_it_is_and_never_written_into(root, tmp_path):
    own = root / "rt"
    before = sorted((p.relative_to(own), p.stat().st_mtime_ns) for p in own.rglob("*") if "__pycache__" not in p.parts)
    now = ai.adopt(str(own), tmp_path / "other")
    assert (now.name, now.foreign, now.python) == ("ready", True, str(runtime_files.python_in(own)))
    assert ai.python(tmp_path / "other") == now.python and ai.check(tmp_path / "other") == []
    ai.remove(tmp_path / "other")
    assert ai.state(tmp_path / "other").name == "absent"
    assert sorted((p.relative_to(own), p.stat().st_mtime_ns) for p in own.rglob("*") if "__pycache__" not in p.parts) == before


def test_an_environment_whose_libraries_do_not_fit_is_refused_with_their_names(root, tmp_path):
    site = pretend.site(root)
    next(site.glob("torch-*.dist-info")).rename(site / "torch-2.1.0.dist-info")
    metadata = site / "torch-2.1.0.dist-info/METADATA"
    metadata.write_text(metadata.read_text().replace("2.13.0+cpu", "2.1.0"))
    runtime_files.scrub(site, "diffusers")
    with pytest.raises(BadInput, match=r"does not fit: torch has version 2\.1\.0; 2\.6 or newer is needed, diffusers is missing"):
        ai.adopt(str(root / "rt"), tmp_path / "other")


def test_an_environment_of_others_that_is_gone_is_broken_and_no_python(root, tmp_path):
    ai.adopt(str(root / "rt"), tmp_path / "other")
    ai.remove(root)
    assert ai.state(tmp_path / "other").name == "broken" and ai.python(tmp_path / "other") is None


def test_a_report_says_what_is_broken_without_passwords_or_the_home_folder(root, monkeypatch):
    monkeypatch.setenv("HOME", str(root.parent))
    monkeypatch.setenv("USERPROFILE", str(root.parent))
    shutil.rmtree(pretend.site(root) / "numpy")
    runtime_child.note(root / "log.txt", "Looking in indexes: https://anna:geheim@index.example/simple")
    said = ai.report(root, "the last error")
    assert "broken: numpy lacks 2 of its files" in said and "error: the last error" in said and "JewelGen" in said
    assert "geheim" not in said and "anna" not in said and str(root.parent) not in said and "~" in said


def test_a_build_for_a_card_that_torch_does_not_see_is_ready_and_says_why(bare, wheels, monkeypatch):
    monkeypatch.setattr(runtime_builds, "build_in", lambda version, name: "cuda")
    monkeypatch.setattr(runtime_builds, "checked", lambda build, name: build)
    now = ai.install(bare, "cuda", wheels)
    assert now.name == "ready" and "torch (CUDA 13.0) sees no graphics card; install or update NVIDIA's driver" in now.trouble


def test_a_driver_that_was_installed_later_brings_its_build_with_the_next_repair_and_one_that_failed_takes_none_away(bare, wheels, tmp_path, monkeypatch):
    both = shutil.copytree(wheels, tmp_path / "both")
    pretend.wheel(both, "torch", "2.13.0+cu126")
    (bare / "state.json").unlink()
    monkeypatch.setattr(runtime_builds, "checked", lambda build, name: build)
    monkeypatch.setattr(runtime_builds, "detect", lambda name=None: runtime_builds.Found("cpu", "NVIDIA", "no driver", "no driver answers"))
    assert ai.install(bare, "auto", both).build == "cpu"
    monkeypatch.setattr(runtime_builds, "detect", lambda name=None: runtime_builds.Found("cuda126", "NVIDIA", "driver 560"))
    now = ai.repair(bare, both)
    assert (now.build, now.version) == ("cuda126", "torch 2.13.0+cu126, diffusers 0.42.1")
    monkeypatch.setattr(runtime_builds, "detect", lambda name=None: runtime_builds.Found("cpu", "NVIDIA", "no driver", "no driver answers"))
    assert ai.repair(bare, both).build == "cuda126"
    assert ai.install(bare, "cpu", both).build == "cpu"  # asked for: it stays, whatever is found
    monkeypatch.setattr(runtime_builds, "detect", lambda name=None: runtime_builds.Found("cuda126", "NVIDIA", "driver 560"))
    assert ai.repair(bare, both).build == "cpu"


def test_a_proxy_with_its_password_reaches_pip_and_no_list_of_processes(bare, wheels, monkeypatch):
    seen = []

    def spied(python, name, arguments, *rest, settings=None, **named):
        seen.append((arguments, settings))
        raise runtime_child.ChildFailed(1, ["ProxyError('Cannot connect to proxy.')"])

    monkeypatch.setattr(runtime_child, "module", spied)
    with pytest.raises(BadInput, match="the proxy refuses or cannot be reached while fetching"):
        ai.install(bare, "cpu", None, "http://anna:geheim@proxy:8080", index="https://anna:geheim@mirror.example/simple")
    arguments, settings = seen[0]
    assert settings["PIP_PROXY"] == "http://anna:geheim@proxy:8080" and "geheim" not in " ".join(arguments)
    assert "geheim" not in ai.report(bare) and "geheim" not in (bare / "log.txt").read_text()
    if os.name == "posix":
        assert (bare / "state.json").stat().st_mode & 0o077 == 0


def test_a_library_that_does_not_load_is_named():
    failed = runtime_child.ChildFailed(1, ["Traceback", "OSError: [WinError 126] The specified module could not be found. Error loading c10.dll"])
    assert "Visual C++ Redistributable" in str(runtime_steps.does_not_load(failed))
    other = runtime_steps.does_not_load(runtime_child.ChildFailed(1, ["ImportError: libcudnn.so.9: cannot open shared object file"]))
    assert isinstance(other, JewelGenError) and "libcudnn.so.9" in str(other)
