"""Weights in prompts: 1 is none to the bit, more is farther, blends are means, nothing else of the words moves."""

import numpy as np
import pytest
import torch
from tiny import FAMILIES
from tiny_words import clip, gemma, qwen, t5

from blender_jewelgen.core.diffusion import DiffusionParams
from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.pattern.strip import Strip, disc
from blender_jewelgen.core.words.design import Design, Motif
from blender_jewelgen.engines.diffusion import prompts, sizes, tokens, wording
from blender_jewelgen.engines.diffusion.families import FAMILIES as KINDS
from blender_jewelgen.engines.diffusion.spoken import Part, said

EVERY = pytest.mark.parametrize("family", list(FAMILIES))
NOTHING = said("")


def heard(model, prompt, negative=NOTHING, guided=False):
    """(n, d) embeddings of a prompt, and all arguments."""
    told = prompts.told(model.pipe, KINDS[model.family], said(prompt), negative, guided)
    embeds = told.arguments["prompt_embeds"]
    return embeds[0].float(), told


def far(one, two):
    return float((one - two).norm())


@pytest.mark.parametrize(
    ("text", "plain", "weights"),
    [
        ("a lotus on gold", "a lotus on gold", {}),
        ("a (lotus)1.3 on gold", "a lotus on gold", {"lotus": 1.3}),
        ("a (lotus:1.3) on gold", "a lotus on gold", {"lotus": 1.3}),
        ("a ((lotus)) on gold", "a lotus on gold", {"lotus": 1.21}),
        ("（lotus：0.5）, cloud", "lotus, cloud", {"lotus": 0.5}),
        ("(lotus)1.2, (cloud)0.8", "lotus, cloud", {"lotus": 1.2, "cloud": 0.8}),
        ("lotus, (blur)0, cloud", "lotus, cloud", {}),
        ("(lotus)1.0  band", "lotus band", {}),
        ("band 18 mm, size 7 ring", "band 18 mm, size 7 ring", {}),
        ("lotus --no bird, fish", "lotus", {}),
    ],
)
def test_a_prompt_keeps_its_text_and_gives_each_letter_its_weight(text, plain, weights):
    found = said(text)
    assert [part.text for part in found.parts] == [plain] and len(found.parts[0].weights) == len(plain)
    for i, weight in enumerate(found.parts[0].weights):
        word = next((w for w in weights if plain.find(w) <= i < plain.find(w) + len(w)), None)
        assert weight == pytest.approx(weights.get(word, 1.0)), (plain[i], i)


def test_parts_and_what_to_avoid_are_told_apart():
    found = said("lotus band::2 (cloud)1.5::0.5 --no bird, fish")
    assert [(part.text, part.share) for part in found.parts] == [("lotus band", 2.0), ("cloud", 0.5)]
    assert found.avoid == "bird, fish" and not found.parts[1].plain
    assert said("a::0 b::1").parts == (Part("b", (1.0,), 1.0),)
    assert said("").parts == (Part("", ()),)
    with pytest.raises(BadInput, match="between 0 and 10"):
        said("(lotus)11")


@pytest.mark.parametrize("tokenizer", [clip, t5, qwen, gemma])
def test_every_tokenizer_gives_the_weight_to_the_tokens_of_the_word_and_to_no_other(tokenizer):
    made = tokenizer()
    made.padding_side = "right"  # as the pipelines set it
    part = said("a gold (lotus scroll)1.4, cloud").parts[0]
    weights, counted = tokens.token_weights(made, part, 40)
    words = [made.decode([i]).strip() for i in made(part.text, padding="max_length", max_length=40, truncation=True)["input_ids"]]
    heavy = [word for word, weight in zip(words, weights) if weight != 1.0]
    assert heavy == ["lotus", "scroll"], (words, weights)
    assert [weight for weight in weights if weight != 1.0] == pytest.approx([1.4, 1.4])
    assert len(weights) == len(counted) == 40 and 4 < sum(counted) < 12
    start = next(i for i, weight in enumerate(weights) if weight != 1.0)
    assert all(counted[start : start + 2]) and not counted[-1]


@EVERY
def test_weight_one_is_no_weight_to_the_bit(loaded, family):
    model = loaded(family)
    plain, told = heard(model, "a lotus scroll on gold", said("blur"), True)
    signed, other = heard(model, "a (lotus)1.0 (scroll:1) on gold::3", said("(blur)1"), True)
    assert torch.equal(plain, signed) and told.arguments.keys() == other.arguments.keys()
    for name, value in told.arguments.items():
        one, two = (v[0] if isinstance(v, list) else v for v in (value, other.arguments[name]))
        assert torch.equal(one, two), name


@EVERY
def test_more_weight_is_farther_and_only_the_word_moves(loaded, family):
    model = loaded(family)
    plain, _ = heard(model, "a lotus scroll on gold")
    weights = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
    vectors = [heard(model, f"a (lotus){w} scroll on gold")[0] for w in weights]
    distances = [far(vector, plain) for vector in vectors]
    assert distances[3] == 0.0
    assert distances[0] > distances[1] > distances[2] > 0.0 and distances[6] > distances[5] > distances[4] > 0.0
    assert distances[6] == pytest.approx(4.0 * distances[4], rel=1e-3)  # in proportion to weight - 1
    moved = (vectors[6] - plain).abs().amax(1) > 0
    assert 1 <= int(moved.sum()) <= 3  # one word is at most a token in either of three encoders
    assert all(vector.shape == plain.shape for vector in vectors)
    assert float(vectors[6].mean()) == pytest.approx(float(plain.mean()), abs=1e-5)


@EVERY
def test_two_words_of_a_prompt_move_in_opposite_ways(loaded, family):
    model = loaded(family)
    plain, _ = heard(model, "lotus and cloud")
    up, _ = heard(model, "(lotus)1.5 and cloud")
    other, _ = heard(model, "lotus and (cloud)1.5")
    both, _ = heard(model, "(lotus)1.5 and (cloud)1.5")
    rows = ((up - plain).abs().amax(1) > 0).nonzero().flatten().tolist()
    others = ((other - plain).abs().amax(1) > 0).nonzero().flatten().tolist()
    assert not set(rows) & set(others)
    assert set(((both - plain).abs().amax(1) > 0).nonzero().flatten().tolist()) == set(rows) | set(others)
    assert far(both, plain) > max(far(up, plain), far(other, plain))


@EVERY
def test_a_blend_is_the_mean_of_prompts_read_alone(loaded, family):
    model = loaded(family)
    (one, first), (two, second) = (heard(model, text) for text in ("lotus scroll", "dragon scroll"))
    even, _ = heard(model, "lotus scroll::1 dragon scroll::1")
    third, told = heard(model, "lotus scroll::2 dragon scroll::1")
    ratio, _ = heard(model, "lotus scroll::1 dragon scroll::0.5")
    both = slice(None)
    if "prompt_attention_mask" in first.arguments:  # a place that only one prompt reaches is that one's alone
        both = first.arguments["prompt_attention_mask"][0] == second.arguments["prompt_attention_mask"][0]
    torch.testing.assert_close(even[both], ((one + two) / 2.0)[both])
    torch.testing.assert_close(third[both], ((2.0 * one + two) / 3.0)[both])
    torch.testing.assert_close(third, ratio)
    pooled = told.arguments.get("pooled_prompt_embeds")
    if pooled is not None:
        alone = [heard(model, text)[1].arguments["pooled_prompt_embeds"] for text in ("lotus scroll", "dragon scroll")]
        torch.testing.assert_close(pooled, (2.0 * alone[0] + alone[1]) / 3.0)
    assert far(third, one) < far(even, one) < far(two, one)


@EVERY
def test_prompts_of_different_length_blend(loaded, family):
    model = loaded(family)
    short, long = (heard(model, text)[0] for text in ("lotus", "dragon and cloud on a gold band"))
    mixed, _ = heard(model, "lotus::1 dragon and cloud on a gold band::3")
    assert mixed.shape[0] == max(short.shape[0], long.shape[0]) and bool(torch.isfinite(mixed).all())
    if short.shape != long.shape:  # where one has no token any more, the other speaks alone
        torch.testing.assert_close(mixed[short.shape[0] :], long[short.shape[0] :])


@EVERY
def test_a_negative_prompt_is_weighted_like_any_other(loaded, family):
    model = loaded(family)
    told = [prompts.told(model.pipe, KINDS[family], said("lotus"), said(text), True).arguments["negative_prompt_embeds"] for text in ("blur text", "(blur)1.5 text")]
    plain, strong = (value[0] if isinstance(value, list) else value for value in told)
    assert plain.shape == strong.shape and not torch.equal(plain, strong)
    without = prompts.told(model.pipe, KINDS[family], said("lotus"), said("blur"), False).arguments
    assert not any(name.startswith("negative") for name in without)


@pytest.mark.parametrize("family", ["sd15", "sdxl"])
def test_clip_reads_more_than_77_tokens(loaded, family):
    model = loaded(family)
    long = ", ".join(["lotus scroll on gold", "dragon and cloud"] * 14) + ", bird"
    embeds, told = heard(model, long, said("blur"), True)
    assert embeds.shape[0] == 154 and told.arguments["negative_prompt_embeds"].shape[1] == 154
    other, _ = heard(model, long.replace("bird", "fish"))
    assert torch.equal(embeds[:77], other[:77]) and not torch.equal(embeds[77:], other[77:])
    pieces = tokens.chunks(model.pipe.tokenizer, said(long).parts[0])
    assert "".join(piece.text.replace(" ", "") for piece in pieces) == long.replace(" ", "")
    assert pieces[0].text.endswith(",")


def test_one_long_word_is_cut_without_end(loaded):
    pieces = tokens.chunks(loaded("sd15").pipe.tokenizer, said("x" * 400).parts[0])
    assert "".join(piece.text for piece in pieces) == "x" * 400 and len(pieces) > 1


def test_what_sdxl_avoids_where_nothing_is_said_is_zeros_as_in_its_pipeline(loaded):
    told = prompts.told(loaded("sdxl").pipe, KINDS["sdxl"], said("lotus"), NOTHING, True).arguments
    assert not bool(told["negative_prompt_embeds"].any()) and not bool(told["negative_pooled_prompt_embeds"].any())


def test_weight_in_the_prompt_changes_the_picture_the_more_the_heavier(loaded):
    from blender_jewelgen.core.stages import Order
    from blender_jewelgen.engines.diffusion.drawing import drawn

    def picture(prompt):
        params = DiffusionParams(prompt=prompt, steps=2, pixels=64, guidance=7.5)
        return drawn(Order("", Design(), disc(10.0, 64), 1, params), loaded("sd15"), lambda share, text: None).colours.astype(float)

    plain = picture("lotus on gold")
    apart = [np.abs(picture(f"(lotus){w} on gold") - plain).mean() for w in (1.0, 2.0, 4.0, 8.0)]
    assert apart[0] == 0.0 < apart[1] < apart[2] < apart[3]


def test_the_designs_weights_stand_in_its_prompt():
    design = Design(
        technique="repousse", motifs=(Motif(name="lotus-scroll", weight=3.0), Motif(name="cloud", weight=1.0)), border="beaded", ground="fish-roe",
        weights=(("repousse", 1.4),), avoid=("bird",), unknown=("phoenix",), symmetry=4, depth=1.2,
    )  # fmt: skip
    prompt, negative = wording.prompts(design, DiffusionParams(negative="frogs"), Strip(54.0, 6.0, 540, 60), True)
    assert prompt.startswith("grayscale height map, (lotus scroll)1.5 and (cloud)0.5")
    for words in ("(repoussé and chased relief)1.4", "beaded border", "small rings", "seamless", "4-fold", "high relief", "phoenix", "no perspective", "no shadows"):
        assert words in prompt, words
    assert negative.startswith("frogs, bird, ") and "perspective" in negative and "shadow" in negative
    heard = said(prompt).parts[0]
    assert heard.weights[heard.text.index("lotus")] == 1.5 and heard.weights[heard.text.index("cloud")] == 0.5
    photo, _ = wording.prompts(design, DiffusionParams(manner="picture"), Strip(54.0, 6.0, 540, 60), True)
    assert "product photograph" in photo and "raking light" in photo and "polished yellow" in photo and "height map" not in photo
    assert wording.prompts(design, DiffusionParams(prompt="(my own)2"), Strip(54.0, 6.0, 540, 60), True)[0] == "(my own)2"


def test_a_usual_prompt_fits_what_clip_reads_at_once():
    design = Design(technique="repousse", motifs=(Motif(name="lotus-scroll"), Motif(name="cloud")), border="beaded", ground="fish-roe", layout="frieze")
    prompt, _ = wording.prompts(design, DiffusionParams(), Strip(54.0, 6.0, 540, 60), True)
    assert len(prompt.replace(",", " ,").split()) <= 75


@pytest.mark.parametrize(
    ("surface", "family", "pixels", "size", "times", "axes"),
    [
        (Strip(54.0, 6.0, 540, 60), "sdxl", None, (1344, 768), (5, 1), "x"),
        (Strip(54.0, 6.0, 540, 60), "sd15", 512, (512, 256), (5, 1), "x"),
        (Strip(54.0, 6.0, 540, 60, False), "flux", 1024, (1024, 576), (5, 1), "x"),
        (Strip(10.0, 6.0, 100, 60), "sana", 512, (512, 320), (1, 1), "x"),
        (Strip(10.0, 6.0, 100, 60, False), "z-image", 512, (512, 304), (1, 1), "none"),
        (Strip(6.0, 54.0, 60, 540), "sdxl", 512, (256, 512), (1, 5), "both"),
        (disc(20.0, 200), "qwen-image", None, (1328, 1328), (1, 1), "none"),
    ],
)
def test_a_tile_is_of_a_shape_that_models_know_and_fits_a_whole_number_of_times(surface, family, pixels, size, times, axes):
    tile = sizes.tile_for(surface, KINDS[family], pixels)
    assert (tile.size, (tile.across, tile.down), tile.axes) == (size, times, axes)
    assert tile.width % KINDS[family].multiple == tile.height % KINDS[family].multiple == 0
    assert max(tile.size) <= 2.2 * min(tile.size)


def test_a_tile_holds_whole_motifs_and_what_the_memory_holds():
    band = Strip(54.0, 6.0, 540, 60)
    assert sizes.tile_for(band, KINDS["sdxl"], repeats=12).across == 6
    assert sizes.tile_for(band, KINDS["sdxl"], repeats=7).across == 7
    assert sizes.tile_for(band, KINDS["sdxl"], fits=(512, 512)).width <= 768
    assert sizes.tile_for(band, KINDS["sdxl"], tiling="none").axes == "none"
    with pytest.raises(BadInput, match="at least 64"):
        sizes.tile_for(disc(9.0, 90), KINDS["sd15"], 63 if KINDS["sd15"].multiple == 64 else 8)


def test_a_tile_lies_on_the_surface_without_a_seam():
    band = Strip(54.0, 6.0, 541, 61)
    tile = sizes.tile_for(band, KINDS["sd15"], 512)
    u = (np.arange(512) + 0.5) / 512
    one = np.tile((0.5 + 0.5 * np.sin(2 * np.pi * u)).astype(np.float32), (256, 1))
    laid = sizes.laid(tile, one, band)
    assert laid.shape == (61, 541) and laid.dtype == np.float32
    want = 0.5 + 0.5 * np.sin(2 * np.pi * 5 * (np.arange(541) + 0.5) / 541)
    np.testing.assert_allclose(laid, np.tile(want, (61, 1)), atol=0.02)
    assert np.abs(laid[:, 0] - laid[:, -1]).max() <= np.abs(np.diff(laid, axis=1)).max() * 1.03
