"""The engine ``openai:MODEL`` with an image endpoint on this machine."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from services import KEYS, Ear

from blender_jewelgen.core.diffusion import DiffusionParams
from blender_jewelgen.core.errors import BadInput, Cancelled
from blender_jewelgen.core.pattern.strip import Plate, Strip
from blender_jewelgen.core.stages import Order
from blender_jewelgen.core.words.design import Design, Motif
from blender_jewelgen.engines import openai_picture


def png(width: int = 192, height: int = 128) -> bytes:
    """A ramp from black at the left to white at the right: its ends are as far apart as can be."""
    ramp = np.repeat(np.linspace(0, 255, width).astype(np.uint8)[None, :, None], height, axis=0).repeat(3, axis=2)
    packed = io.BytesIO()
    Image.fromarray(ramp).save(packed, "PNG")
    return packed.getvalue()


@pytest.fixture
def draw(services, monkeypatch):
    services.picture = png()
    monkeypatch.setenv("JEWELGEN_OPENAI_SERVER", f"{services.address}/v1")

    def drawn(surface=None, tell=None, engine="openai:gpt-image-1", online=True, **diffusion):
        surface = surface or Strip(60.0, 6.0, 600, 60, True)
        return openai_picture.draw(Order(engine, Design(motifs=(Motif(name="lotus", weight=1.4),)), surface, 0, DiffusionParams(**diffusion), online=online), tell or Ear())

    return drawn


def square(side: float = 20.0, pixels: int = 200) -> Plate:
    return Plate(side, side, pixels, pixels, np.full((pixels, pixels), side / 2, np.float32))


def test_a_picture_of_the_words_becomes_the_height_of_a_band(services, draw):
    answer = draw()
    assert answer.picture.shape == (60, 600) and answer.picture.dtype == np.float32
    assert answer.picture.min() == pytest.approx(0.0, abs=0.02) and answer.picture.max() == pytest.approx(1.0, abs=0.02)
    assert answer.credit["model"] == "gpt-image-1" and answer.colours is not None and answer.colours.dtype == np.uint8
    [order] = services.of("/v1/images/generations")
    assert order.key == KEYS["openai"] and order.json["size"] == "1536x1024" and order.json["n"] == 1
    assert "lotus" in order.json["prompt"] and "(" not in order.json["prompt"] and "Avoid: " in order.json["prompt"]


def test_the_ends_of_a_band_meet(draw):
    picture = draw().picture
    seam, inside = np.abs(picture[:, 0] - picture[:, -1]).mean(), np.abs(np.diff(picture, axis=1)).mean()
    assert seam < 4 * inside


def test_a_square_is_drawn_once_as_it_is(services, draw):
    services.picture = png(160, 160)
    answer = draw(square())
    np.testing.assert_allclose(answer.picture[100, 10:190], np.linspace(0, 1, 200)[10:190], atol=0.02)
    assert services.of("/images/")[0].json["size"] == "1024x1024"


def test_older_models_are_asked_for_their_own_sizes(services, draw):
    draw(engine="openai:dall-e-3")
    assert services.of("/images/")[0].json["size"] == "1792x1024"


def test_a_picture_behind_a_link_is_fetched_without_the_key(services, draw):
    services.link, services.result, services.kind = f"{services.store}/results/p.png", png(), "image/png"
    draw()
    assert services.of("/results/")[0].key == ""


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"fail": [("images", 401)]}, "key"), ({"fail": [("images", 429)] * 9}, "network"), ({"fail": [("images", 400)]}, "picture"), ({"fail": [("images", 500)]}, "network"),
        ({"picture": b"no picture"}, "picture"), ({"picture": png()[:300]}, "picture"), ({"odd": '{"data": []}'}, "server"), ({"odd": '{"data": [{"b64_json": "???"}]}'}, "picture"),
        ({"link": "http://example.org/p.png"}, "network"),
    ],
)  # fmt: skip
def test_its_faults_are_sentences(change, field, services, draw):
    for name, value in change.items():
        setattr(services, name, value)
    with pytest.raises(BadInput) as error:
        draw()
    assert error.value.field == field and KEYS["openai"] not in str(error.value)


def test_what_a_service_cannot_do_is_refused_before_it_is_asked(services, draw):
    with pytest.raises(BadInput) as error:
        draw(start="a.png")
    assert error.value.field == "start" and services.asked == []
    with pytest.raises(BadInput) as error:
        draw(engine="openai:")
    assert error.value.field == "engine"


def test_a_server_of_ones_own_needs_no_key_and_the_network_of_others_does(services, draw, monkeypatch):
    monkeypatch.delenv("JEWELGEN_OPENAI_KEY")
    draw()
    assert services.of("/images/")[0].key == ""
    monkeypatch.setenv("JEWELGEN_OPENAI_SERVER", "https://images.example.org/v1")
    with pytest.raises(BadInput) as error:
        draw()
    assert error.value.field == "key"
    with pytest.raises(BadInput) as error:
        draw(online=False)
    assert error.value.field == "network"
    monkeypatch.setenv("JEWELGEN_OPENAI_SERVER", "http://images.example.org/v1")
    with pytest.raises(BadInput) as error:
        draw()
    assert error.value.field == "server"


def test_cancel_acts_while_it_draws(services, draw):
    services.hang = "images"
    with pytest.raises(Cancelled):
        draw(tell=Ear("drawing"))


def test_faded_ends_keep_the_middle_as_it_was():
    colours = np.frombuffer(np.random.default_rng(0).bytes(60 * 10 * 3), np.uint8).reshape(10, 60, 3)
    faded = openai_picture._joined(colours, "x")
    np.testing.assert_array_equal(faded[:, 10:], colours[:, 10:50])
    np.testing.assert_array_less(np.abs(faded[:, 0].astype(int) - colours[:, 50].astype(int)), 14)
