"""The engines that make bodies of pictures without weights: a ring, a relief, and the choice between them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blender_jewelgen.core.body import BodyOrder, BodyParams
from blender_jewelgen.core.errors import BadInput, Cancelled
from blender_jewelgen.core.form.params import complete
from blender_jewelgen.core.pipeline import form_host
from blender_jewelgen.engines.bodies.registry import make


def _pictures():
    """``tests/core/ring_pictures.py``, which pytest puts on the path for the tests beside it only."""
    if "ring_pictures" not in sys.modules:
        spec = importlib.util.spec_from_file_location("ring_pictures", Path(__file__).parents[1] / "core" / "ring_pictures.py")
        sys.modules["ring_pictures"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["ring_pictures"])
    return sys.modules["ring_pictures"]


rp = _pictures()


def quiet(share: float, text: str) -> None:
    assert 0.0 <= share <= 1.0


def saved(path: Path, picture: np.ndarray) -> Path:
    Image.fromarray((np.clip(picture, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)).save(path)
    return path


def order(path: Path | None, engine: str = "auto", **more) -> BodyOrder:
    view = more.pop("view", "auto")
    return BodyOrder(params=BodyParams(engine=engine, view=view), picture=path, **more)


@pytest.fixture(scope="module")
def ring(tmp_path_factory) -> Path:
    mesh = rp.piece(form="band", shape="d", width=5.0, thickness=1.8)
    return saved(tmp_path_factory.mktemp("ring") / "ring.png", rp.picture(mesh, rp.THREE_QUARTER, 400, "gold", "gradient"))


def coin(side: int = 300, half=(0.35, 0.35), square: bool = False, on: float = 0.93) -> np.ndarray:
    """A lit relief of waves on a plate: its outline round, oval or square."""
    y, x = (np.mgrid[0:side, 0:side] + 0.5) / side - 0.5
    inside = (np.maximum(np.abs(x) / half[0], np.abs(y) / half[1]) if square else np.hypot(x / half[0], y / half[1])) < 1.0
    light = 0.5 + 0.25 * np.sin(60.0 * x) + 0.1 * np.cos(45.0 * y)
    return np.where(inside[..., None], light[..., None] * np.array((1.0, 0.8, 0.4)), on)


def test_a_picture_of_a_ring_becomes_a_ring_of_ours_that_can_be_made(ring):
    body = make(order(ring), quiet)
    assert body.credit["name"] == "ring" and "one of our forms was fitted" in body.notes[0]
    assert body.mesh is None and body.height is None
    assert (body.form.form, body.form.size) == ("band", "US 7")
    assert body.form.width == pytest.approx(5.0, rel=0.10)
    assert body.form.thickness == pytest.approx(1.8, rel=0.15)
    assert form_host(complete(body.form)).wall > 0.5  # mm
    assert body.mask.shape == (400, 400) and 0.02 < body.mask.mean() < 0.3


def test_the_finger_size_that_was_asked_for_is_the_ring_s(ring):
    body = make(order(ring, "ring", size="EU 60"), quiet)
    assert body.form.size == "EU 60"
    assert body.form.width == pytest.approx(5.0 * 60.0 / np.pi / 17.3, rel=0.12)
    assert not any("the finger size" in note for note in body.notes)


def test_the_same_picture_gives_the_same_ring(ring):
    assert make(order(ring, "ring"), quiet).form == make(order(ring, "ring"), quiet).form


def test_a_named_view_makes_auto_fit_a_ring(ring):
    assert make(order(ring, view="three-quarter"), quiet).credit["name"] == "ring"


@pytest.mark.parametrize(
    ("picture", "form", "shape", "size"),
    [
        (coin(), "medallion", "disc", (30.0, 30.0)),
        (coin(half=(0.24, 0.36)), "medallion", "oval", (20.0, 30.0)),
        (coin(half=(0.4, 0.22), square=True), "plaque", "rectangle", (30.0, 16.5)),
    ],
    ids=["round", "oval", "square"],
)
def test_a_relief_stands_on_a_plate_of_its_own_outline(tmp_path, picture, form, shape, size):
    body = make(order(saved(tmp_path / "coin.png", picture)), quiet)
    assert body.credit["name"] == "relief" and "no ring is seen" in body.notes[0]
    assert (body.form.form, body.form.shape) == (form, shape)
    assert (body.form.width, body.form.length) == pytest.approx(size, rel=0.03)  # mm
    rows, columns = body.height.shape
    assert columns / rows == pytest.approx(size[0] / size[1], rel=0.03)
    assert body.height.min() >= 0.0 and body.height.max() == pytest.approx(1.0, abs=0.01)
    host = form_host(complete(body.form))
    assert host.ornament == pytest.approx((body.form.width, body.form.length), rel=1e-3)


def test_the_ground_of_a_picture_does_not_become_relief(tmp_path):
    body = make(order(saved(tmp_path / "coin.png", coin()), "relief"), quiet)
    corner = body.height[:20, :20]
    np.testing.assert_allclose(corner, 0.0, atol=1e-6)
    middle = body.height[body.height.shape[0] // 2, body.height.shape[1] // 4 : -body.height.shape[1] // 4]
    assert middle.min() > 0.1 and np.ptp(middle) > 0.3


def test_a_heart_lies_whole_on_its_medallion(tmp_path):
    t = np.linspace(0.0, 2.0 * np.pi, 400)
    outline = np.stack([16 * np.sin(t) ** 3, -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))], axis=1)
    from PIL import ImageDraw

    image = Image.new("RGB", (400, 400), (235, 235, 235))
    ImageDraw.Draw(image).polygon([(200 + 9 * x, 190 + 9 * y) for x, y in outline], fill=(170, 60, 50))
    y, x = np.mgrid[0:400, 0:400] / 400.0
    picture = np.asarray(image) / 255.0
    picture = np.where((picture[..., 1:2] < 0.5), picture * (0.8 + 0.3 * np.sin(20 * x + 9 * y))[..., None], picture)
    image = saved(tmp_path / "heart.png", picture)
    body = make(order(image), quiet)
    assert body.form.form == "medallion"
    rows, columns = body.height.shape
    y, x = np.mgrid[-1.0 : 1.0 : rows * 1j, -1.0 : 1.0 : columns * 1j]
    assert float(body.height[np.hypot(x, y) > 1.02].max()) < 0.05


def test_a_picture_without_a_plain_ground_becomes_a_plaque_of_the_whole(tmp_path):
    random = np.random.default_rng(1)
    tiles = np.kron(random.random((12, 18, 3)), np.ones((20, 20, 1)))
    body = make(order(saved(tmp_path / "tiles.png", tiles)), quiet)
    assert (body.form.form, body.form.shape) == ("plaque", "rectangle")
    assert (body.form.width, body.form.length) == pytest.approx((30.0, 20.0), rel=0.02)
    assert any("the whole picture became the relief" in note for note in body.notes)


def test_a_height_of_sixteen_bits_is_raised_as_it_is(tmp_path):
    y, x = np.mgrid[-1.0:1.0:200j, -1.0:1.0:200j]
    dome = np.clip(1.0 - np.hypot(x, y) / 0.9, 0.0, 1.0)
    Image.fromarray((dome * 65535.0).astype(np.uint16)).save(tmp_path / "dome.png")
    body = make(order(tmp_path / "dome.png", "relief"), quiet)
    assert (body.form.form, body.form.shape) == ("medallion", "disc")
    assert body.height[body.height.shape[0] // 2, body.height.shape[1] // 2] > 0.98


@pytest.mark.parametrize("engine", ["auto", "ring", "relief"])
def test_without_a_picture_each_engine_says_so(engine):
    with pytest.raises(BadInput, match="picture") as caught:
        make(order(None, engine, prompt="a ring"), quiet)
    assert caught.value.field == "picture"


@pytest.mark.parametrize("engine", ["auto", "ring", "relief"])
def test_a_broken_file_is_named(tmp_path, engine):
    (tmp_path / "cut.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\x00" * 40)
    with pytest.raises(BadInput, match=r"cut\.png"):
        make(order(tmp_path / "cut.png", engine), quiet)


def test_the_ring_engine_refuses_what_shows_no_ring(tmp_path):
    with pytest.raises(BadInput, match="the engine relief"):
        make(order(saved(tmp_path / "coin.png", coin(half=(0.4, 0.22), square=False)), "ring"), quiet)


@pytest.mark.parametrize("engine", ["ring", "relief"])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_work_stops_where_it_is_told_to(ring, engine, after):
    heard = []

    def stop(share: float, text: str) -> None:
        heard.append(text)
        if len(heard) > after:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        make(order(ring, engine), stop)
    assert len(heard) == after + 1
