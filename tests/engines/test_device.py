"""What fits which memory: a table of sizes, the old cards that make NaN, a machine without anything."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.engines.weights import device, memory, models
from blender_jewelgen.engines.weights.device import Memory


def card(gb, name="NVIDIA GeForce RTX 4060", **more):
    return Memory(**{"device": "cuda", "name": name, "total_gb": gb, "free_gb": gb, "main_gb": 64.0, **more})


@pytest.mark.parametrize(
    ("gb", "name"),
    [(None, "sd15"), (0, "sd15"), (2, "sd15"), (4, "sd15"), (6, "sd15"), (8, "sdxl"), (12, "flux2-klein-4b"), (16, "z-image-turbo"), (24, "z-image-turbo"), (48, "qwen-image")],
)
@pytest.mark.parametrize("commercial_only", [True, False])
def test_a_model_is_recommended_for_each_memory(gb, name, commercial_only):
    advice = device.recommend(gb, commercial_only)
    assert advice.card.name == name and advice.why
    assert advice.card.licence.commercial == "yes" and not advice.card.gated
    if gb and gb >= 4:
        assert f"{gb:g} GB" in advice.why
        plan = device.plan(advice.card, card(gb))
        assert plan.offload in ("none", "model") and min(plan.fits) >= advice.card.pixels  # what is recommended draws its own size without going layer by layer


@pytest.mark.parametrize(
    ("name", "held"),
    [  # by 4, 6, 8, 12, 16, 24, 48 GB
        ("sd15", ("none slices", "none", "none", "none", "none", "none", "none")),
        ("sdxl", ("sequential slices", "sequential slices", "model slices", "none", "none", "none", "none")),
        ("flux2-klein-4b", (*["sequential slices"] * 3, "model slices", "model slices", "none", "none")),
        ("z-image-turbo", (*["sequential slices"] * 4, "model slices", "none slices", "none")),
        ("qwen-image", (*["sequential slices"] * 6, "model slices")),
    ],
)
def test_the_quickest_way_that_fits_is_taken(name, held):
    for gb, way in zip((4, 6, 8, 12, 16, 24, 48), held):
        plan = device.plan(models.card(name), card(gb))
        assert f"{plan.offload}{' slices' if plan.slicing else ''}" == way, gb
        assert plan.dtype == ("float16" if name in ("sd15", "sdxl") else "bfloat16") and plan.device == "cuda" and plan.quantise == ""
        assert device.needed(models.card(name).parts, 2, plan.offload, plan.fits, plan.slicing) <= 0.92 * gb


def test_more_memory_never_draws_smaller_in_the_same_way():
    for name in ("sd15", "sdxl", "z-image-turbo"):
        known: dict[str, int] = {}
        for tenth in range(40, 480, 7):
            plan = device.plan(models.card(name), card(tenth / 10))
            way = f"{plan.offload} {plan.slicing}"
            assert plan.fits[0] >= known.get(way, 0)
            known[way] = plan.fits[0]


def test_quantised_weights_go_before_layer_by_layer_where_there_is_a_library_for_it():
    plan = device.plan("z-image-turbo", card(10, quantises=True))
    assert (plan.offload, plan.quantise) == ("model", "int8")
    assert device.plan("z-image-turbo", card(6.5, quantises=True)).quantise == "nf4"
    assert device.plan("z-image-turbo", card(10)).offload == "sequential"
    assert device.plan("sdxl", card(6, quantises=True)).quantise == ""


@pytest.mark.parametrize(
    ("name", "old"),
    [("NVIDIA GeForce GTX 1650", True), ("NVIDIA GeForce GTX 1660 Ti", True), ("GeForce GTX 1630", True), ("NVIDIA GeForce MX450", True), ("NVIDIA GeForce GTX 1080 Ti", False), ("NVIDIA GeForce RTX 2060", False), ("NVIDIA GeForce RTX 4060", False), ("NVIDIA H100 80GB HBM3", False)],
)
def test_cards_that_make_nan_of_float16_are_known(name, old):
    assert memory.old_halves(name) is old


def test_an_old_card_draws_in_float32_and_it_is_said():
    plan = device.plan("sd15", card(6, "NVIDIA GeForce GTX 1660", halves=False, bfloat=False))
    assert plan.dtype == "float32" and "GTX 1660 makes NaN of float16" in plan.why
    assert "slowly" in device.plan("z-image-turbo", card(16, "NVIDIA GeForce RTX 2080", bfloat=False)).why


def test_a_machine_without_a_card_draws_with_the_processor():
    plan = device.plan("sd15", Memory(device="cpu", total_gb=16, free_gb=12, main_gb=12, note="is its driver installed?"))
    assert (plan.device, plan.dtype, plan.offload) == ("cpu", "float32", "none") and plan.why.endswith("is its driver installed?")
    assert device.plan("sdxl", Memory(device="cpu", total_gb=16, free_gb=12, main_gb=12)).dtype == "bfloat16"


def test_apple_holds_models_whole():
    plan = device.plan("sdxl", Memory(device="mps", name="Apple", total_gb=16, free_gb=12, main_gb=12, bfloat=False))
    assert (plan.device, plan.dtype, plan.offload) == ("mps", "float16", "none")


@pytest.mark.parametrize("held", [card(1.5), Memory(device="cpu", total_gb=8, free_gb=6, main_gb=6), Memory(device="mps", total_gb=8, free_gb=5, main_gb=5)])
def test_what_fits_nowhere_offers_what_would(held):
    with pytest.raises(BadInput) as caught:
        device.plan("qwen-image", held)
    assert caught.value.field == "memory" and caught.value.fix.option == "--engine diffusers:sd15" and "GB free" in str(caught.value)


def test_a_size_that_is_too_large_is_made_smaller():
    plan = device.plan("sd15", card(3.2), (2048, 2048))
    assert plan.fits[0] < 2048 and plan.fits[0] % 8 == 0
    assert device.plan("sd15", card(3.2), plan.fits).fits[0] >= plan.fits[0]


def test_memory_that_is_short_beside_the_card_is_told():
    assert "computer's own memory" in device.plan("qwen-image", card(48, main_gb=16.0)).why


def test_torch_is_asked_where_it_is_there(monkeypatch):
    def torch(**cuda):
        made = ModuleType("torch")
        made.cuda = SimpleNamespace(is_available=lambda: bool(cuda), **cuda)
        made.version = SimpleNamespace(cuda="12.8", hip=None)
        made.backends = SimpleNamespace(mps=None)
        return made

    known = {"mem_get_info": lambda: (5.5e9, 6e9), "get_device_name": lambda: "NVIDIA GeForce GTX 1660", "get_device_capability": lambda: (7, 5)}
    monkeypatch.setitem(sys.modules, "torch", torch(**known))
    found = device.found(True)
    assert (found.device, found.total_gb, found.free_gb, found.halves, found.bfloat) == ("cuda", 6.0, 5.5, False, False)
    monkeypatch.setitem(sys.modules, "torch", torch())
    assert device.found(True).device == "cpu" and "driver" in device.found(True).note

    def broken():
        raise RuntimeError("CUDA driver version is insufficient\nfor CUDA runtime version")

    monkeypatch.setitem(sys.modules, "torch", torch(**known | {"mem_get_info": broken}))
    found = device.found(True)
    assert found.device == "cpu" and found.note == "the graphics card cannot be used (CUDA driver version is insufficient)"


def test_without_torch_the_system_is_asked(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setattr(memory, "_of_nvidia", lambda: ("NVIDIA GeForce RTX 3060", 12.9, 12.0))
    assert (device.found(True).device, device.found(True).total_gb) == (device.found().device, device.found().total_gb) == ("cuda", 12.9)
    monkeypatch.setattr(memory, "_of_nvidia", lambda: None)
    monkeypatch.setattr(memory, "_of_sysfs", lambda: None)
    monkeypatch.setattr(memory.sys, "platform", "linux")
    assert device.found().device == "" and device.plan("sd15", device.found()).device == "cpu"


def test_what_nvidia_says_is_read(monkeypatch):
    monkeypatch.setattr(memory.subprocess, "run", lambda *_, **__: SimpleNamespace(stdout="NVIDIA GeForce RTX 4090, 24564, 23000\nsecond, 1, 1\n"))
    name, total, free = memory._of_nvidia()
    assert name == "NVIDIA GeForce RTX 4090" and total == pytest.approx(25.757, abs=0.001) and free < total

    def nothing(*_, **__):
        raise FileNotFoundError

    monkeypatch.setattr(memory.subprocess, "run", nothing)
    assert memory._of_nvidia() is None
