"""The AI runtime's parts: the lock, which build a machine takes, lengths of names, sentences for failures, what a Python must have."""

from __future__ import annotations

import ast
import os
import re
import stat
import subprocess
import sys
from itertools import product
from pathlib import Path

import pretend_wheels as pretend
import pytest

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.worker.runtime import bases as runtime_bases
from blender_jewelgen.worker.runtime import builds as runtime_builds
from blender_jewelgen.worker.runtime import care as runtime
from blender_jewelgen.worker.runtime import child as runtime_child
from blender_jewelgen.worker.runtime import files as runtime_files
from blender_jewelgen.worker.runtime import lock as runtime_lock
from blender_jewelgen.worker.runtime import plan as runtime_plan
from blender_jewelgen.worker.runtime.child import ChildFailed, sentence
from blender_jewelgen.worker.runtime.wheels import Shelf

PACKAGE = Path(runtime.__file__).parents[2]
PYTHONS = ((3, 11), (3, 12), (3, 13))
SYSTEMS = {"linux": ("cuda", "cuda126", "rocm", "cpu"), "windows": ("cuda", "cuda126", "cpu"), "macos": ("mps",)}
PLATFORM = {"linux": r"\b(many)?linux\w*x86_64", "windows": "win_amd64", "macos": r"macosx\w*(arm64|universal2)"}
posix = pytest.mark.skipif(os.name == "nt", reason="scripts and links of POSIX")


# -- the lock


@pytest.mark.parametrize("system, build, python", [(s, b, p) for s in SYSTEMS for b, p in product(SYSTEMS[s], PYTHONS)])
def test_every_package_has_one_version_and_a_file_for_each_system_and_python(system, build, python):
    rows = runtime_lock.rows_for(system, build, python)
    names = [row.name for row in rows]
    assert len(names) == len(set(names)) and names[-1] == "torch"
    assert {"torch", "diffusers", "transformers", "peft", "accelerate", "safetensors", "huggingface-hub", "numpy", "pillow", "manifold3d", "trimesh", "onnxruntime", "uharfbuzz"} <= set(names)
    own = f"cp{python[0]}{python[1]}"
    for row in rows:
        fits = [
            file for _, file in row.files
            if (own in file or "abi3" in file or "-py3-" in file or "py2.py3" in file) and (file.endswith("any.whl") or re.search(PLATFORM[system], file))
        ]  # fmt: skip
        assert fits, (row.name, system, python)


def test_libraries_of_nvidia_come_with_cuda_alone():
    of = {build: {row.name for row in runtime_lock.rows_for("linux", build, (3, 11))} for build in ("cuda", "cpu", "rocm")}
    assert set(of["cuda"] - of["cpu"]) >= {"triton", "nvidia-cublas", "bitsandbytes"}
    assert of["cpu"] == of["rocm"] and not any(name.startswith("nvidia") for name in of["cpu"])
    assert not any(name.startswith("nvidia") for name in {row.name for row in runtime_lock.rows_for("windows", "cuda", (3, 13))})


def test_each_file_has_a_fingerprint_of_its_own_and_the_name_and_version_of_its_row():
    seen = {}
    for row in runtime_lock.read():
        assert row.files, row.name
        for digest, file in row.files:
            assert re.fullmatch(r"[0-9a-f]{64}", digest) and digest not in seen, (file, seen.get(digest))
            seen[digest] = file
            name, version = file.split("-")[:2]
            assert (runtime_lock.plain(name), version) == (row.name, row.version)


def test_the_lock_names_no_host():
    assert "://" not in runtime_lock.place().read_text(encoding="utf-8")


def test_one_address_stands_in_one_place_and_the_environment_can_change_it():
    found = [path.name for path in [*sorted((PACKAGE / "worker" / "runtime").glob("*.py")), PACKAGE / "worker/jobs_runtime.py", PACKAGE / "cli/runtime.py"] if re.search(r"https?://[a-z]+\.", path.read_text(encoding="utf-8"))]
    assert found == ["builds.py"]
    code = "from blender_jewelgen.worker.runtime import builds as b; print(b.source('cpu', 'linux', '2.13.0')[1])"
    env = os.environ | {"JEWELGEN_TORCH_INDEX": "https://mirror.example/torch/", "PYTHONPATH": str(PACKAGE.parent)}
    assert subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True).stdout == "https://mirror.example/torch/cpu\n"


def test_a_line_that_is_no_package_is_named(tmp_path, monkeypatch):
    (tmp_path / "x.lock").write_text("torch==2.13.0\nnonsense here\n")
    monkeypatch.setenv("JEWELGEN_RUNTIME_LOCK", str(tmp_path / "x.lock"))
    with pytest.raises(ValueError, match="'nonsense here'"):
        runtime_lock.read()


@pytest.mark.parametrize("found, wanted, same", [
    ("2.13.0", "2.13.0", True), ("2.13.0+cpu", "2.13.0", True), ("2.13.0+cpu", "2.13.0+cu130", False), ("2.13.1", "2.13.0", False), ("2.13.0", "2.13.0+cpu", False),
])  # fmt: skip
def test_a_version_is_the_wanted_one_whatever_its_build_unless_that_is_asked_for(found, wanted, same):
    assert runtime_lock.same(found, wanted) is same


@pytest.mark.parametrize("found, least, older", [("2.1.0", "2.6", True), ("2.13.0+cpu", "2.6", False), ("0.42.1", "0.42", False), ("0.9", "0.42", True), ("5.0rc1", "5.0", False)])
def test_versions_are_compared_by_their_numbers(found, least, older):
    assert runtime_lock.older(found, least) is older


# -- which build


@pytest.mark.parametrize("driver, power, build, words", [
    ("581.42", "8.9", "cuda", "driver 581.42"), ("580.65.06", "7.5", "cuda", ""), ("560.35", "8.9", "cuda126", "CUDA 13.0 needs driver 580"),
    ("581.42", "6.1", "cuda126", "a card from Turing on"), ("470.82", "8.6", "cpu", "the NVIDIA driver 470.82 is too old for CUDA 12.6, which needs 528 or newer; update it"),
    ("581.42", "3.5", "cpu", "is too old for torch"), ("[N/A]", "[N/A]", "cpu", "too old"),
])  # fmt: skip
def test_an_nvidia_card_gets_the_build_its_driver_and_its_age_take(driver, power, build, words):
    found = runtime_builds.judge_nvidia("GeForce", driver, power)
    assert found.build == build and words in found.why + found.trouble
    assert bool(found.trouble) == (build == "cpu")


def pci(root, *cards):
    for number, (vendor, kind) in enumerate(cards):
        (root / str(number)).mkdir(parents=True)
        (root / str(number) / "vendor").write_text(vendor + "\n")
        (root / str(number) / "class").write_text(kind + "\n")
    return root


def test_a_card_without_a_driver_is_named_and_the_processor_draws(tmp_path, monkeypatch):
    root = pci(tmp_path, ("0x10de", "0x030000"), ("0x8086", "0x020000"))
    assert runtime_builds.vendors("linux", root) == {"0x10de"}
    monkeypatch.setattr(runtime_builds, "_nvidia", lambda: None)
    monkeypatch.setattr(runtime_builds, "_rocm", lambda: False)
    for vendor, words in (("0x10de", "an NVIDIA card is there, but no driver answers"), ("0x1002", "install the ROCm driver, which"), ("0x8086", "there is no graphics card that torch can use")):
        monkeypatch.setattr(runtime_builds, "vendors", lambda name, vendor=vendor: {vendor})
        found = runtime_builds.detect("linux")
        assert found.build == "cpu" and words in found.trouble
    assert "no ROCm build for Windows" in (monkeypatch.setattr(runtime_builds, "vendors", lambda name: {"0x1002"}) or runtime_builds.detect("windows")).trouble
    assert runtime_builds.detect("macos").build == "mps"


@posix
def test_nvidias_own_tool_is_believed_and_a_broken_one_is_no_driver(tmp_path, monkeypatch):
    tool = tmp_path / "nvidia-smi"
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    for text, build in (("echo 'NVIDIA H100 80GB HBM3, 590.44.01, 9.0'", "cuda"), ("echo 'NVIDIA-SMI has failed because it could not communicate'; exit 9", None), ("exit 0", None)):
        tool.write_text(f"#!/bin/sh\n{text}\n")
        tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
        said = runtime_builds._nvidia()
        assert (runtime_builds.judge_nvidia(*said).build if said else None) == build


def test_an_amd_card_is_one_for_rocm_if_its_compute_driver_knows_it(tmp_path):
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "properties").write_text("cpu_cores_count 0\ngfx_target_version 110000\n")
    assert runtime_builds._rocm(tmp_path)
    (tmp_path / "1" / "properties").write_text("cpu_cores_count 8\ngfx_target_version 0\n")
    assert not runtime_builds._rocm(tmp_path)


@pytest.mark.parametrize("build, system, version, index", [
    ("cuda", "linux", "2.13.0", ""), ("cpu", "linux", "2.13.0+cpu", "cpu"), ("cuda126", "linux", "2.13.0+cu126", "cu126"), ("rocm", "linux", "2.13.0+rocm7.2", "rocm7.2"),
    ("cpu", "windows", "2.13.0", ""), ("cuda", "windows", "2.13.0+cu130", "cu130"), ("mps", "macos", "2.13.0", ""),
])  # fmt: skip
def test_each_build_comes_from_where_it_is_and_is_known_again(build, system, version, index):
    asked, source = runtime_builds.source(build, system, "2.13.0")
    assert asked == version and source.rpartition("/")[2] == index
    assert runtime_builds.build_in(version, system) == build
    assert runtime_builds.source(build, system, "2.13.0", "default") == ("2.13.0", "")
    assert runtime_builds.source(build, system, "2.13.0", "https://mirror.example/simple") == ("2.13.0", "https://mirror.example/simple")


def test_machines_without_a_build_get_one_sentence(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    with pytest.raises(BadInput, match="no build for Intel Macs"):
        runtime_builds.system()
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    with pytest.raises(BadInput, match=r"no AI runtime for .* on aarch64"):
        runtime_builds.system()


# -- lengths of names


def test_the_windows_folder_leaves_room_for_the_longest_name_of_the_packages(monkeypatch):
    longest_user = "x" * 20  # letters of a name that Windows takes for an account
    root = rf"C:\Users\{longest_user}\AppData\Local\jg"
    monkeypatch.setattr(runtime_files, "path_limit", lambda: 259)
    runtime_files.need_length(Path(root))  # with room for 190 letters below site-packages; today the longest is 167
    assert len(root) + len(r"\rt\Lib\site-packages" + "\\") + runtime_files.LONGEST <= 259


def test_a_folder_too_long_for_windows_is_refused_with_the_length_that_fits():
    root = Path("C:/" + "a" * 77)
    with pytest.raises(BadInput, match=r"names of 292 letters, and this system takes 259; name a folder of at most 47 letters") as caught:
        runtime_files.need_length(root, limit=259)
    assert caught.value.fix.option == r"JEWELGEN_RUNTIME=C:\jg"
    runtime_files.need_length(Path("C:/" + "a" * 44), limit=259)  # 47 letters
    runtime_files.need_length(root, limit=32_000)  # where long names were switched on


def test_the_longest_name_in_packages_that_are_installed_here_is_within_the_room():
    import sysconfig

    site = Path(sysconfig.get_path("purelib"))
    longest = 0
    for record in [*site.glob("torch-*/RECORD"), *site.glob("transformers-*/RECORD"), *site.glob("diffusers-*/RECORD"), *site.glob("numpy-*/RECORD")]:
        longest = max(longest, *(len(line.split(",")[0]) for line in record.read_text(encoding="utf-8").splitlines()))
    assert 0 < longest <= runtime_files.LONGEST


@pytest.mark.parametrize("platform, name, env, ends", [
    ("linux", "posix", {}, ".local/share/jg"), ("linux", "posix", {"XDG_DATA_HOME": "/data"}, "/data/jg"), ("darwin", "posix", {}, "Library/Application Support/jg"),
    ("linux", "posix", {"JEWELGEN_RUNTIME": "/labs/ai"}, "/labs/ai"),
])  # fmt: skip
def test_the_folder_is_short_and_the_persons_own(monkeypatch, platform, name, env, ends):
    for one in ("XDG_DATA_HOME", "JEWELGEN_RUNTIME"):
        monkeypatch.delenv(one, raising=False)
    for one, value in env.items():
        monkeypatch.setenv(one, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert runtime_files.folder().as_posix().endswith(ends)


# -- sentences


@pytest.mark.parametrize("line, words, field", [
    ("OSError: [Errno 28] No space left on device", "the disk is full", "runtime"),
    ("OSError: [WinError 112] There is not enough space on the disk", "the disk is full", "runtime"),
    ("ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 407 Proxy Authentication Required'))", "the proxy refuses", "network"),
    ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]'))", "the connection's certificate is not trusted", "network"),
    ("NewConnectionError: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution", "the network does not answer", "network"),
    ("ReadTimeoutError: Read timed out.", "the network does not answer", "network"),
    ("ERROR: HTTP error 403 while getting; 403 Client Error: Forbidden for url", "the package index refuses access", "network"),
    ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "is not the one that was asked for", "network"),
    ("PermissionError: [WinError 32] The process cannot access the file because it is being used by another process", "a file is in use or may not be written", "runtime"),
    ("ERROR: No matching distribution found for torch==2.13.0+cu130", "there is no torch==2.13.0+cu130 for this Python and system", "runtime"),
    ("ERROR: something nobody foresaw", "fetching torch failed with code 1: ERROR: something nobody foresaw", "runtime"),
])  # fmt: skip
def test_why_pip_failed_is_one_sentence(line, words, field):
    error = sentence(ChildFailed(1, ["Collecting torch", line]), "fetching torch")
    assert words in str(error) and error.field == field and "\n" not in str(error)


def test_a_network_that_is_down_is_named_though_pip_says_no_distribution():
    lines = ["WARNING: Retrying after connection broken by 'NewConnectionError'", "ERROR: No matching distribution found for torch==2.13.0"]
    assert "the network does not answer" in str(sentence(ChildFailed(1, lines), "fetching torch"))


@pytest.mark.parametrize("typed, proxy", [("", ""), ("proxy:8080", "http://proxy:8080"), ("https://anna:geheim@proxy.example", "https://anna:geheim@proxy.example"), (" 10.0.0.1:3128 ", "http://10.0.0.1:3128")])
def test_a_proxy_is_taken_as_people_type_it(typed, proxy):
    assert runtime_plan.checked_proxy(typed) == proxy


@pytest.mark.parametrize("typed", ["ftp://proxy", "http://", "http://proxy:0", "http://proxy:99999", "http://[::1"])
def test_what_is_no_proxy_is_refused(typed):
    with pytest.raises(BadInput, match="the proxy is not understood"):
        runtime_plan.checked_proxy(typed)


def test_passwords_do_not_reach_the_log(tmp_path):
    runtime_child.note(tmp_path / "log", "index https://user:word@index.example/simple and socks5://token@host")
    assert "word" not in (tmp_path / "log").read_text() and "token" not in (tmp_path / "log").read_text() and "index.example" in (tmp_path / "log").read_text()


# -- what reaches pip, and what pip reaches


def test_settings_that_lead_pip_elsewhere_are_left_out_and_those_of_the_network_kept(tmp_path, monkeypatch):
    for name in ("PIP_TARGET", "PIP_USER", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV"):
        monkeypatch.setenv(name, "x")
    for name in ("PIP_INDEX_URL", "PIP_CERT", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "kept")
    env = runtime_child.environment(tmp_path)
    assert not {"PIP_TARGET", "PIP_USER", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV"} & set(env)
    assert [env[name] for name in ("PIP_INDEX_URL", "PIP_CERT", "HTTPS_PROXY")] == ["kept"] * 3 and env["TMPDIR"] == str(tmp_path)
    assert "PIP_INDEX_URL" not in runtime_child.environment(tmp_path, isolated=True)


def test_what_was_listed_outside_the_environment_is_never_deleted(tmp_path):
    site = tmp_path / "rt/lib/python3.11/site-packages"
    info = site / "evil-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "own.py").write_text("x")
    (tmp_path / "letter.txt").write_text("mine")
    (info / "RECORD").write_text("own.py,,\n../../../../letter.txt,,\n" + f"{tmp_path / 'letter.txt'},,\n")
    runtime_files.scrub(site, "evil")
    assert (tmp_path / "letter.txt").exists() and not (site / "own.py").exists() and not info.exists()


def test_the_best_fitting_file_of_a_folder_is_taken(tmp_path):
    for tag in ("py3-none-any", "cp311-cp311-manylinux_2_28_x86_64", "cp312-cp312-manylinux_2_28_x86_64", "cp311-cp311-win_amd64"):
        pretend.wheel(tmp_path, "torch", "2.13.0", tag=tag)
    pretend.wheel(tmp_path, "torch", "2.13.0+cpu", tag="cp311-cp311-manylinux_2_28_x86_64")
    shelf = Shelf(tmp_path, ["cp311-cp311-manylinux_2_28_x86_64", "py3-none-any"])
    assert shelf.file("torch", "2.13.0", "cuda", "linux").name == "torch-2.13.0-cp311-cp311-manylinux_2_28_x86_64.whl"
    assert shelf.file("torch", "2.13.0", "cpu", "linux").name == "torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl"
    assert shelf.file("torch", "2.12.0") is None and Shelf(tmp_path, ["cp313-cp313-x"]).versions("torch") == {}


# -- Pythons


@posix
@pytest.mark.parametrize("told, words", [
    ('"version": [3, 10, 4]', r"Python 3\.10\.4 at .* does not fit; it must be 3\.11 to 3\.13"), ('"version": [3, 14, 0]', "does not fit"),
    ('"bits": 32', "has 32 bit"), ('"lacks": ["ensurepip"]', "lacks ensurepip; on Debian and Ubuntu install python3-venv"), ('"free_threaded": true', "a free-threaded one"),
])  # fmt: skip
def test_a_python_that_does_not_fit_is_refused_with_why(tmp_path, told, words):
    program = tmp_path / "python"
    rest = {"version": "[3, 11, 9]", "bits": "64", "lacks": "[]", "packages": "{}", "free_threaded": "false", "pip": '""'}
    key = told.split('"')[1]
    line = "{" + ", ".join([told, *(f'"{name}": {value}' for name, value in rest.items() if name != key)]) + "}"
    program.write_text(f"#!/bin/sh\necho '{line}'\n")
    program.chmod(0o755)
    with pytest.raises(BadInput, match=words) as caught:
        runtime_bases.choose(str(program))
    assert caught.value.fix.option == "--python PATH"


def test_a_python_may_be_named_by_its_environments_folder():
    found = runtime_bases.choose(sys.prefix)
    assert found.short == sys.version_info[:2] and "pip" in {name.lower() for name in found.packages}


@posix
def test_where_this_python_does_not_fit_another_one_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(runtime_bases, "interpreter", lambda: str(tmp_path / "blenders-python"))
    (tmp_path / "blenders-python").write_text("#!/bin/sh\nexit 1\n")
    monkeypatch.setattr("shutil.which", lambda name: sys.executable if name == f"python3.{sys.version_info[1]}" else None)
    assert runtime_bases.choose().short == sys.version_info[:2]
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(BadInput, match=r"no other Python 3\.11 to 3\.13 was found"):
        runtime_bases.choose()


# -- the rules


def test_nothing_but_the_standard_library_is_imported():
    for path in (PACKAGE / "worker").glob("runtime*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            for name in names:
                assert name.split(".")[0] in sys.stdlib_module_names, (path.name, name)


def test_looking_at_a_runtime_that_is_not_there_writes_nothing_and_starts_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(subprocess, "Popen", lambda *a, **k: pytest.fail("a process was started"))
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: pytest.fail("a process was started"))
    now = runtime.state(tmp_path / "jg")
    assert (now.name, now.sentence()) == ("absent", "the AI runtime is not installed") and runtime.python(tmp_path / "jg") is None
    assert runtime.check(tmp_path / "jg") == [] and not (tmp_path / "jg").exists()
