"""The picture as services get it, and the errors they send back as people read them."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image
from services import glb

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.engines.remote.faults import clean, plain
from blender_jewelgen.engines.remote.glb import fault
from blender_jewelgen.engines.remote.sent import LONGEST, picture


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_a_photograph_is_turned_reduced_and_stripped(tmp_path):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "a camera"  # turned by 90 degrees
    exif.get_ifd(0x8825)[1] = "N"  # where it was taken
    pixels = np.random.default_rng(0).integers(0, 255, (40, 60, 3)).astype(np.uint8)
    Image.fromarray(pixels).resize((3000, 2000)).save(tmp_path / "a.jpg", exif=exif)
    sent = picture(tmp_path / "a.jpg")
    image = opened(sent.data)
    assert image.size == (LONGEST * 2 // 3, LONGEST) and not image.getexif() and b"camera" not in sent.data
    assert sent.name == f"picture.{'jpg' if sent.kind == 'jpeg' else 'png'}"


def test_what_is_transparent_stays_so(tmp_path):
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[16:48, 16:48] = (200, 160, 60, 255)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    assert opened(picture(tmp_path / "a.png").data).getchannel("A").getextrema() == (0, 255)


def test_a_grey_picture_of_16_bits_is_sent_in_8(tmp_path):
    Image.fromarray((np.arange(64 * 64).reshape(64, 64) * 16).astype(np.uint16)).save(tmp_path / "a.png")
    image = opened(picture(tmp_path / "a.png").data)
    assert image.mode == "RGB" and image.getextrema()[0] == (0, 255)


def test_noise_that_is_large_as_png_goes_as_jpeg(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 255, (LONGEST, LONGEST, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.bmp")
    sent = picture(tmp_path / "a.bmp")
    assert sent.kind == "jpeg" and sent.mime == "image/jpeg" and opened(sent.data).size == (LONGEST, LONGEST)


@pytest.mark.parametrize("size", [(16, 64), (64, 31)])
def test_a_tiny_picture_is_refused(size, tmp_path):
    Image.new("RGB", size).save(tmp_path / "a.png")
    with pytest.raises(BadInput) as error:
        picture(tmp_path / "a.png")
    assert error.value.field == "picture" and "at least 32 px" in str(error.value)


def test_a_picture_of_nothing_and_what_is_no_picture_are_refused(tmp_path):
    Image.new("RGBA", (64, 64)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no picture")
    for name in ("a.png", "b.png", "c.png"):
        with pytest.raises(BadInput) as error:
            picture(tmp_path / name)
        assert error.value.field == "picture"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"message": "bad picture"}, "bad picture"), ({"error": {"message": "no model"}}, "no model"), ({"errors": ["a", "b"]}, "a; b"), ({"detail": [{"msg": "field required"}]}, "field required"),
        ({"name": "content_moderation", "errors": ["refused"]}, "refused"), ([], ""), (None, ""), (7, "7"),
    ],
)  # fmt: skip
def test_the_sentence_in_an_error_is_found(body, told):
    assert clean(json.dumps(body).encode())[0] == told


def test_no_error_shows_a_key_a_signature_or_control_signs():
    told = plain("bad\x00 key msy_secret at https://x.org/a.glb?X-Amz-Signature=sssigned\nAuthorization: Bearer abc.def " + "x" * 500, "msy_secret")
    assert told.startswith("bad key ... at https://x.org/a.glb Authorization: Bearer ... xxx") and len(told) <= 160
    assert clean(b"<html><title>502</title></html>")[0] == "502" and clean(b"\xff\xfe")[0]


@pytest.mark.parametrize(
    ("change", "cut"),
    [(lambda d: d, None), (lambda d: b"", True), (lambda d: d[:3], True), (lambda d: d[:15], True), (lambda d: d[:-1], True), (lambda d: d + b"\0", None), (lambda d: b"PK" + d[2:], False), (lambda d: d[:4] + b"\1" + d[5:], False),
     (lambda d: d[:16] + b"BIN\0" + d[20:], False), (lambda d: d[:12] + b"\xff\xff\xff\0" + d[16:], False)],
)  # fmt: skip
def test_a_glb_is_judged_by_its_head(change, cut, tmp_path):
    (tmp_path / "a.glb").write_bytes(change(glb()))
    found = fault(tmp_path / "a.glb")
    assert (None if found is None else found.cut) == cut
