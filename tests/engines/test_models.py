"""The table of models: every row whole, no default that is gated or non-commercial, licences told as they are."""

from __future__ import annotations

import json

import pytest

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.engines.weights import device, models, shelf
from blender_jewelgen.engines.weights.models import COMMERCIAL, FAMILIES, PICTURES

CARDS = models.cards()


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_every_row_is_whole(card):
    assert card.family in FAMILIES and card.licence.commercial in COMMERCIAL and card.licence.page.startswith("https://")
    assert card.hub.count("/") == 1 and card.label and card.source and 0.01 < card.size_gb < 100 and card.memory_gb > 0.5
    assert card.multiple >= 1 and card.pixels >= 64 and (card.pixels % card.multiple == 0)
    if card.family in PICTURES:
        assert 1 <= card.steps <= 60 and 0.0 <= card.guidance <= 10.0 and {"denoiser", "text", "vae"} <= set(card.parts)
    if card.family == "controlnet":
        assert card.base in ("sd15", "sdxl") and card.kind in ("canny", "tile", "depth")
    assert all(models.card(name) for name in card.companions)


def test_names_are_given_once():
    rows = json.loads(models.FILE.read_text("utf-8"))["models"]
    assert len({row["name"] for row in rows}) == len(rows) == len(CARDS)


def test_no_default_is_gated_or_bound():
    assert [card.name for card in CARDS if card.default and (card.gated or card.licence.commercial != "yes" or not card.fetchable)] == []


def test_the_models_of_the_field_are_there():
    wanted = {
        "sd15", "sdxl", "sdxl-turbo", "sdxl-lightning", "sd35-medium", "sd35-large", "flux1-schnell", "flux2-klein-4b", "z-image-turbo", "qwen-image", "sana",
        "marigold-depth", "marigold-normals", "depth-anything-small", "ip-adapter-sd15", "ip-adapter-sdxl", "shap-e", "shap-e-picture", "triposr", "triposg", "hunyuan3d-2",
        *(f"controlnet-{kind}-{base}" for kind in ("canny", "tile", "depth") for base in ("sd15", "sdxl")),
    }  # fmt: skip
    assert wanted == {card.name for card in CARDS}


@pytest.mark.parametrize(
    ("name", "commercial", "gated"),
    [("sd15", "yes", False), ("sdxl-turbo", "no", False), ("sana", "no", False), ("sd35-large", "conditions", True), ("flux1-schnell", "yes", True), ("hunyuan3d-2", "conditions", False)],
)
def test_licences_are_told_as_they_are(name, commercial, gated):
    card = models.card(name)
    assert (card.licence.commercial, card.gated) == (commercial, gated)


def test_hunyuan_is_never_a_default_and_names_where_it_may_not_be_used():
    card = models.card("hunyuan3d-2")
    assert not card.default and card.licence.outside == ("European Union", "United Kingdom", "South Korea")
    assert card.credit()["not_in"] == "European Union, United Kingdom, South Korea"
    assert dict(shelf.card_text(card))["Not in"] == "European Union, United Kingdom, South Korea"


def test_every_card_shows_licence_use_and_size():
    for card in CARDS:
        lines = shelf.card_text(card, device.Memory(device="cuda", name="card", total_gb=24, free_gb=24, main_gb=64))
        told = dict(lines)
        assert card.licence.label in told["Licence"] and told["Download"] == f"{card.size_gb:g} GB" and told["Page"].endswith(card.hub) and told["Here"]
        assert [text for name, text in lines if name == "Clause"] == list(card.licence.clauses)
        assert ("Token" in told) == card.gated
        json.dumps(shelf.as_json(card))


@pytest.mark.parametrize(
    ("key", "commercial"),
    [("apache-2.0", "yes"), ("mit", "yes"), ("creativeml-openrail-m", "yes"), ("openrail++", "yes"), ("cc-by-nc-4.0", "no"), ("some-noncommercial", "no"), ("other", "unknown"), ("", "unknown"), ("advance", "unknown")],
)
def test_what_a_hub_calls_a_licence_is_understood_or_unknown(key, commercial):
    assert models.licence(key).commercial == commercial


def test_an_unknown_name_tells_the_nearest():
    with pytest.raises(BadInput, match="did you mean sdxl-turbo"):
        models.card("sdxl-turbos")
    assert models.card("stabilityai/sdxl-turbo").name == "sdxl-turbo"
