"""The studio picture, taken small. bpy runs in processes of its own, for it can hang when a process ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("bpy")

from PIL import Image

from blender_jewelgen.blender import poses, recesses
from blender_jewelgen.blender.picture import FORMS
from blender_jewelgen.core.library import table

ROOT = Path(__file__).parents[2]
SIZE = 96


def trough(side: int = 80) -> dict[str, np.ndarray]:
    """A plate of 20 mm with a sunk band 6 mm wide along its middle; relief is 0 there and 1 beside it."""
    x, y = np.meshgrid(np.linspace(-10, 10, side), np.linspace(-10, 10, side))
    relief = (np.abs(y) > 3.0).astype(np.float32)
    points = np.stack([x, y, 1.0 + 0.3 * relief], -1).reshape(-1, 3).astype(np.float32)
    at = np.arange(side * side).reshape(side, side)
    a, b, c, d = at[:-1, :-1], at[:-1, 1:], at[1:, 1:], at[1:, :-1]
    faces = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
    return {"vertices": points, "faces": faces.astype(np.int32), "relief": relief.ravel()}


def hoop(columns: int = 120, rows: int = 12) -> dict[str, np.ndarray]:
    """The wall of a band with 24 flutes; radius 10 mm, width 6 mm."""
    u, z = np.meshgrid(np.arange(columns) / columns * 2 * np.pi, np.linspace(-3, 3, rows))
    relief = 0.5 + 0.5 * np.cos(24 * u)
    points = np.stack([(10 + 0.4 * relief) * np.cos(u), (10 + 0.4 * relief) * np.sin(u), z], -1)
    points = np.concatenate([points, points[::-1] * [0.85, 0.85, 1.0]]).reshape(-1, 3).astype(np.float32)
    at = np.arange(2 * columns * rows).reshape(2 * rows, columns)
    a, b = at, np.roll(at, -1, 1)
    c, d = np.roll(b, -1, 0), np.roll(a, -1, 0)
    faces = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
    return {"vertices": points, "faces": faces.astype(np.int32), "relief": np.concatenate([relief, 0 * relief]).ravel().astype(np.float32)}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> dict[str, np.ndarray]:
    """(96, 96, 3) pictures in [0, 1] by name, all taken by one process that also tells what it left in the open file."""
    folder = tmp_path_factory.mktemp("pictures")
    np.savez(folder / "trough.npz", **trough())
    np.savez(folder / "hoop.npz", **hoop())
    shots = {
        "gold": ("hoop", "gold-18k-yellow", "polished", "band"),
        "silver": ("hoop", "silver-925", "polished", "band"),
        "rose": ("hoop", "gold-18k-rose", "polished", "band"),
        "bright": ("trough", "silver-925", "polished", "plaque"),
        "dark": ("trough", "silver-925", "oxidised", "plaque"),
    }
    code = f"""
import os, sys, traceback
from pathlib import Path
import bpy, numpy as np
from blender_jewelgen.blender.picture import Look, render
from blender_jewelgen.core.mesh.arrays import Mesh
folder = Path({str(folder)!r})
kinds = ("scenes", "objects", "meshes", "materials", "lights", "cameras", "worlds")
count = lambda: [len(getattr(bpy.data, kind)) for kind in kinds]
try:
    before = count()
    for name, (piece, metal, finish, form) in {shots!r}.items():
        with np.load(folder / (piece + ".npz")) as parts:
            mesh = Mesh(**parts)
        told = []
        render(mesh, Look(metal=metal, finish=finish, form=form), folder / (name + ".png"), {SIZE}, 8, lambda f, t: told.append(f))
        assert told[-1] == 1.0 and told == sorted(told), told
    with np.load(folder / "hoop.npz") as parts:
        mesh = Mesh(**parts)
    top = mesh.vertices[mesh.vertices[:, 1].argmin()]
    corners = 2.0 * np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], np.float32) + top
    sides = np.array([[0, 2, 4], [2, 1, 4], [1, 3, 4], [3, 0, 4], [2, 0, 5], [1, 2, 5], [3, 1, 5], [0, 3, 5]], np.int32)
    render(mesh, Look(metal="gold-18k-rose", finish="polished", form="band"), folder / "jewelled.png", {SIZE}, 8, gems=Mesh(corners, sides))
    assert count() == before, (before, count())
    assert not bpy.app.handlers.render_stats
except BaseException:
    traceback.print_exc()
    sys.stderr.flush()
    os._exit(1)
os._exit(0)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert sorted(p.name for p in folder.glob("*.png")) == sorted(f"{name}.png" for name in (*shots, "jewelled"))
    return {name: np.asarray(Image.open(folder / f"{name}.png").convert("RGB"), np.float32) / 255.0 for name in (*shots, "jewelled")}


def test_stones_are_seen_in_their_seats_and_leave_nothing_behind(pictures):
    changed = np.abs(pictures["jewelled"] - pictures["rose"]).max(axis=2) > 0.1
    assert 0.005 < changed.mean() < 0.3


def saturation(picture: np.ndarray) -> float:
    """Mean of red less blue over the picture."""
    return float((picture[..., 0] - picture[..., 2]).mean())


def test_gold_is_yellower_than_silver_and_rose_is_redder_than_yellow_gold(pictures):
    assert saturation(pictures["gold"]) > saturation(pictures["silver"]) + 0.05
    piece = np.abs(pictures["gold"] - pictures["silver"]).sum(axis=-1) > 0.1
    green = {name: float((pictures[name][piece][:, 1] / pictures[name][piece][:, 0]).mean()) for name in ("gold", "rose")}
    assert green["rose"] < green["gold"] - 0.02


def test_no_picture_is_black_burnt_or_flat(pictures):
    for name, picture in pictures.items():
        assert 0.15 < picture.mean() < 0.8, name
        assert (picture.min(axis=-1) > 0.995).mean() < 0.01, name
        assert (picture.max(axis=-1) < 0.01).mean() < 0.05, name
        assert np.ptp(picture.mean(axis=-1)) > 0.4, name


def test_oxidised_recesses_are_dark_and_high_spots_stay_bright(pictures):
    half, quarter = SIZE // 2, SIZE // 4
    low = (slice(half - 4, half + 4), slice(half - 10, half + 10))
    high = (slice(quarter - 2, quarter + 2), slice(half - 6, half + 6))
    bright, dark = pictures["bright"].mean(axis=-1), pictures["dark"].mean(axis=-1)
    assert dark[low].mean() < 0.5 * bright[low].mean()
    assert dark[high].mean() > 0.85 * bright[high].mean()


def ask(folder: Path, **request) -> list[str]:
    """The command that takes the picture described by ``request``, written to ``folder``."""
    (folder / "request.json").write_text(json.dumps(request, ensure_ascii=False), encoding="utf-8")
    return [sys.executable, "-m", "blender_jewelgen.blender.camera", str(folder / "request.json")]


def test_a_process_tells_its_progress_as_json_and_leaves_only_the_picture(tmp_path):
    folder = tmp_path / "wärk shop #1 {x} 戒指"
    folder.mkdir()
    np.savez(folder / "piece.npz", **trough(20))
    command = ask(folder, mesh="piece.npz", output="bild é 图.png", size=32, samples=2, metal="brass", finish="brushed", form="plaque")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, stdin=subprocess.DEVNULL)
    lines = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert done.returncode == 0, done.stderr[-2000:]
    assert all(set(line) == {"fraction", "text"} for line in lines[:-1])
    assert lines[-2]["fraction"] == 1.0 and lines[-1] == {"done": True}
    with Image.open(folder / "bild é 图.png") as picture:
        assert picture.size == (32, 32) and picture.format == "PNG"
    assert sorted(p.name for p in folder.iterdir()) == sorted(["piece.npz", "request.json", "bild é 图.png"])


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"mesh": "absent.npz"}, "absent.npz"),
        ({"mesh": "request.json"}, "no mesh"),
        ({"mesh": "wild.npz"}, "do not exist"),
        ({"metal": "gold-19k"}, "metal"),
        ({"sise": 64}, "sise"),
    ],
)
def test_a_request_that_cannot_be_met_gives_one_error_line_and_no_file(tmp_path, change, word):
    np.savez(tmp_path / "piece.npz", **trough(20))
    np.savez(tmp_path / "wild.npz", vertices=np.zeros((3, 3), np.float32), faces=np.array([[0, 1, 9]], np.int32))
    command = ask(tmp_path, **{"mesh": "piece.npz", "output": "out.png", "size": 32, **change})
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    last = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 1
    assert list(last) == ["error"] and word in last["error"] and "\n" not in last["error"]
    assert not list(tmp_path.glob("*.png"))


def test_one_process_takes_picture_after_picture_goes_on_after_a_bad_one_and_leaves_a_turn_numbered(tmp_path):
    np.savez(tmp_path / "piece.npz", **trough(20))
    requests = [{"output": "one.png"}, {"output": "bad.png", "metal": "cheese"}, {"output": "turn.png", "frames": 2, "form": "plaque"}]
    command = [sys.executable, "-m", "blender_jewelgen.blender.camera", "-"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    ends = []
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as process:
        guard = threading.Timer(120, process.kill)
        guard.start()
        try:
            for number, request in enumerate(requests):
                path = tmp_path / f"request {number}.json"
                path.write_text(json.dumps({"mesh": "piece.npz", "size": 32, "samples": 2, **request}))
                process.stdin.write(json.dumps(str(path)) + "\n")
                process.stdin.flush()
                ends.append(next(line for line in map(json.loads, process.stdout) if "fraction" not in line))
            process.stdin.close()
            assert process.wait(timeout=10) == 130
        finally:
            guard.cancel()
            process.kill()
    assert ends[0] == ends[2] == {"done": True} and "cheese" in ends[1]["error"]
    assert sorted(p.name for p in tmp_path.glob("*.png")) == ["one.png", "turn-001.png", "turn-002.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM that a process can catch")
@pytest.mark.parametrize("way", ["signal", "closed stdin"])
def test_a_process_that_is_told_to_stop_ends_and_leaves_no_picture(tmp_path, way):
    np.savez(tmp_path / "piece.npz", **trough(20))
    command = ask(tmp_path, mesh="piece.npz", output="out.png", size=4096, samples=4096)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as process:
        try:
            for line in process.stdout:
                if "taking" in line:
                    break
            if way == "signal":
                process.send_signal(signal.SIGTERM)
            else:
                process.stdin.close()
            assert process.wait(timeout=10) == 130
        finally:
            process.kill()
    assert not list(tmp_path.glob("*.png")) and not list(tmp_path.glob(".*"))


def test_every_form_has_a_pose_and_every_alloy_a_look():
    assert set(poses.POSES) == set(FORMS)
    looks = table("looks")
    for name, metal in looks["metals"].items():
        assert all(0.0 < c <= 1.0 for c in metal["color"] + metal["edge"]), name
        assert metal["source"] in looks["sources"], name


def test_a_ring_turns_once_round_and_a_plate_stands_and_sways_without_showing_its_back():
    shares = np.arange(36) / 36
    assert np.allclose(np.diff([poses.turn_at(s, False) for s in shares]), 10.0)
    sway = np.array([poses.turn_at(s, True) for s in shares])
    assert abs(sway).max() == pytest.approx(poses.SWAY) and poses.SWAY < 90.0 and sway[0] == 0.0 and sway.sum() == pytest.approx(0.0, abs=1e-9)
    assert np.abs(np.diff(sway, append=sway[0])).max() < 12.0  # the last picture leads into the first
    plate = trough(30)
    placed = plate["vertices"] @ poses.stand(plate["vertices"], plate["relief"], "plaque", turning=True).T
    assert np.ptp(placed[:, 2]) > 3.0 * np.ptp(placed[:, 1])  # it stands
    high = plate["relief"] > 0.5
    assert placed[high, 1].mean() < placed[~high, 1].mean()  # and looks to the camera, which stands at -y


def test_the_frame_of_a_turn_holds_the_piece_at_every_angle():
    points = np.random.default_rng(2).normal(size=(5000, 3)) * [1.0, 0.3, 0.6]
    seen = poses.swept(points)
    for degrees in (15.0, 45.0, 77.0, 200.0):
        at = points @ poses.turned("z", degrees).T
        assert (at.max(axis=0) <= seen.max(axis=0) + 0.05).all() and (at.min(axis=0) >= seen.min(axis=0) - 0.05).all()


@pytest.mark.parametrize("thin", [0, 1, 2])
@pytest.mark.parametrize("side", [-1, 1])
def test_a_plate_lies_with_its_ornament_up_whichever_way_it_was_made(thin, side):
    plate = trough(30)
    points = np.roll(plate["vertices"] * [1, 1, side], thin - 2, axis=1)
    turn = poses.stand(np.concatenate([points, points * 0.0]), np.concatenate([plate["relief"], 0 * plate["relief"]]), "plaque")
    placed = points @ turn.T
    assert np.linalg.det(turn) == pytest.approx(1.0)
    assert np.ptp(placed[:, 2]) < 0.4 * np.ptp(placed[:, 1])
    assert placed[plate["relief"] > 0.5, 2].mean() > placed[plate["relief"] < 0.5, 2].mean()


def test_a_signet_turns_its_head_to_the_camera():
    angle = np.radians(np.arange(0, 360, 2.0))
    reach = 10.0 + 3.0 * np.exp(-(((angle - 1.0) / 0.3) ** 2))
    points = np.stack([reach * np.cos(angle), reach * np.sin(angle), 0 * angle], -1)
    head = poses.stand(points, None, "signet") @ [np.cos(1.0), np.sin(1.0), 0.0]
    assert head[1] < -0.8  # the camera stands at -y


def test_the_piece_fills_the_frame_and_no_point_of_it_is_cut_off():
    points = np.random.default_rng(1).normal(size=(500, 3)) * [1.0, 0.4, 0.7]
    forward, right, up = np.array([0.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0])
    eye = poses.frame(points, forward, right, up, 0.2, 0.8)
    away = points - eye
    seen = np.stack([away @ right, away @ up], -1) / (away @ forward)[:, None] / 0.2
    assert np.abs(seen).max() == pytest.approx(0.8, abs=0.02)
    assert np.abs(seen.min(axis=0) + seen.max(axis=0)).max() < 0.05


def test_recesses_are_the_low_places_beside_high_ones_and_not_the_finger_side():
    ring = hoop(240, 24)
    points, relief = ring["vertices"], ring["relief"]
    out = points * [1.0, 1.0, 0.0] / np.hypot(points[:, 0], points[:, 1])[:, None]
    outer = np.arange(len(points)) < len(points) // 2
    dark = recesses.recesses(points, np.where(outer[:, None], out, -out), relief)
    assert dark[outer & (relief < 0.05)].min() > 0.5
    assert dark[outer & (relief > 0.95)].max() < 0.1
    assert dark[~outer].max() < 0.1
