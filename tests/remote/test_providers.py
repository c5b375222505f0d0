"""Tripo, Rodin, Stability AI, Hunyuan3D and ComfyUI on this machine: what each is sent, and what only it can get wrong."""

from __future__ import annotations

import json
import threading

import pytest
from services import KEYS, Ear, glb

from blender_jewelgen.core.errors import BadInput, Cancelled
from blender_jewelgen.engines.remote import flow, http, tasks, waiting
from blender_jewelgen.engines.remote.service import of
from blender_jewelgen.engines.remote.workflow import filled, workflow

NODES = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "example.png"}},
    "2": {"class_type": "KSampler", "inputs": {"seed": 7, "steps": 20, "positive": ["4", 0]}},
    "3": {"class_type": "Sampler", "inputs": {"seed": ["8", 0], "noise_seed": 3}},
    "4": {"class_type": "CLIPTextEncode", "inputs": {"text": "jewel, %prompt%, gold"}},
    "9": {"class_type": "SaveGLB", "inputs": {"filename_prefix": "mesh/ring"}},
}
PAID = ("meshy", "tripo", "rodin", "stability")
TASKED = ("meshy", "tripo", "rodin", "comfyui")


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "工作流 api.json"
    path.write_text(json.dumps(NODES), encoding="utf-8")
    return str(path)


@pytest.fixture
def ask(make, saved):
    """``make`` with what each service needs besides."""
    return lambda engine, tell=None, **params: make(engine, tell, **({"model": saved} if engine == "comfyui" else {}), **params)


def sentence(call, field: str) -> str:
    with pytest.raises(BadInput) as error:
        call()
    assert error.value.field == field, error.value
    assert not any(key in str(error.value) for key in KEYS.values())
    return str(error.value)


@pytest.mark.parametrize("engine", [*PAID, "comfyui", "hunyuan-server"])
def test_every_service_makes_a_mesh_of_a_picture(engine, services, ask):
    ear = Ear()
    body = ask(engine, ear)
    assert len(body.mesh.faces) == 4 and body.mesh.volume == pytest.approx(1 / 6, rel=1e-6)
    assert body.credit["name"] == engine and not any(services.address in value for value in body.credit.values())
    assert ear.heard[-1][0] == 1.0
    assert {one.key for one in services.asked if one.host == "store"} <= {""}
    assert {one.key for one in services.asked if one.host == "api"} == {KEYS.get(engine, "")}


def test_tripo_is_sent_the_picture_first_and_then_the_order(services, ask):
    body = ask("tripo", seed=5, model="v3.1-20260211")
    [upload], [order] = services.of("/upload"), services.of("/task", "POST")
    assert upload.kind.startswith("multipart/form-data") and b'name="file"; filename="picture.png"' in upload.body
    assert order.json == {
        "type": "image_to_model", "file": {"type": "png", "file_token": "11111111-2222-3333-4444-555555555555"}, "texture": False, "pbr": False,
        "face_limit": 200_000, "model_seed": 5, "model_version": "v3.1-20260211",
    }  # fmt: skip
    assert body.cost == "30 credits"


def test_tripo_says_no_credits_with_a_number_of_its_own(services, ask):
    services.fail, services.told = [("/task", 403)], '{"code": 2010, "message": "You need more credits", "suggestion": "top up"}'
    assert "no credits left (You need more credits)" in sentence(lambda: ask("tripo"), "key")
    services.fail, services.odd = [], '{"code": 2010, "message": "You need more credits"}'
    assert "no credits left" in sentence(lambda: ask("tripo"), "key")


def test_rodin_is_sent_a_form_and_asked_by_its_subscription(services, ask):
    ask("rodin", seed=70_000, prompt="a ring")
    [order] = services.of("/rodin")
    for name, value in {"tier": "Regular", "geometry_file_format": "glb", "seed": "4464", "prompt": "a ring"}.items():
        assert f'name="{name}"\r\n\r\n{value}\r\n'.encode() in order.body
    assert b'name="images"; filename="picture.png"' in order.body
    assert {one.json["subscription_key"] for one in services.of("/status")} == {"sub.scription"}


def test_rodin_is_sent_a_form_of_words_alone_too(services, ask):
    ask("rodin", shown=None, prompt="a ring")
    [order] = services.of("/rodin")
    assert order.kind.startswith("multipart/form-data") and b"images" not in order.body


@pytest.mark.parametrize(("told", "field"), [("INSUFFICIENT_FUND", "key"), ("INVALID_REQUEST", "picture")])
def test_rodin_says_its_errors_in_answers_that_look_well(told, field, services, ask):
    services.odd = json.dumps({"error": told, "message": "no"})
    sentence(lambda: ask("rodin"), field)
    assert tasks.listed() == ()


def test_stability_is_sent_a_form_and_what_it_made_is_not_paid_for_twice(services, ask):
    ask("stability")
    [order] = services.of("/v2beta/3d/stable-fast-3d")
    assert b'name="texture_resolution"\r\n\r\n512\r\n' in order.body and b'name="image"; filename="picture.png"' in order.body
    assert "nothing was charged" in ask("stability").notes[0]
    assert len(services.of("/v2beta")) == 1
    assert "did you mean stable-fast-3d" in sentence(lambda: ask("stability", model="stable-fast-3"), "model")


def test_stability_that_breaks_off_is_not_ordered_again(services, ask):
    services.cut = 1
    assert "charged" in sentence(lambda: ask("stability"), "network")
    assert len(services.of("/v2beta")) == 1


def test_hunyuan_needs_neither_a_key_nor_the_network_on_this_computer(services, ask):
    body = ask("hunyuan-server", online=False, seed=3, grid=192, steps=5, guidance=5.0)
    [order] = services.of("/generate")
    kept = order.json
    assert len(kept.pop("image")) > 100
    assert kept == {"seed": 3, "octree_resolution": 192, "num_inference_steps": 5, "guidance_scale": 5.0, "texture": False, "type": "glb"}
    assert any("European Union" in note for note in body.notes)


def test_hunyuan_may_call_a_glb_plain_text(services, ask):
    services.kind = "text/plain; charset=utf-8"  # its web framework does so where Python does not know the ending
    assert len(ask("hunyuan-server").mesh.faces) == 4


def test_hunyuan_that_fails_and_the_wrong_program_are_told_apart(services, ask):
    services.fail, services.told = [("/generate", 404)], '{"text": "**NETWORK ERROR DUE TO HIGH TRAFFIC.**", "error_code": 1}'
    assert "its own window says why" in sentence(lambda: ask("hunyuan-server"), "server")
    services.fail, services.told = [("/generate", 404)], '{"detail": "Not Found"}'
    assert "Gradio" in sentence(lambda: ask("hunyuan-server"), "server")


@pytest.mark.parametrize(
    ("engine", "server", "words"),
    [
        ("hunyuan-server", "http://example.org:8081", "which anybody on the way can read"),
        ("hunyuan-server", "127.0.0.1:8081", "no http:// or https://"),
        ("hunyuan-server", "ftp://127.0.0.1", "no address of a server"),
        ("hunyuan-server", "https://me:pass@example.org", "name or password"),
        ("hunyuan-server", "http://[::1", "no address of a server"),
        ("meshy", "https://evil.example", "goes to api.meshy.ai and to no other server"),
        ("stability", "https://api.stability.ai.evil.example", "to no other server"),
    ],
)
def test_an_address_that_must_not_be_asked_is_refused(engine, server, words, services, ask):
    told = sentence(lambda: ask(engine, server=server), "server")
    assert words in told and "pass@" not in told


def test_a_server_of_ones_own_elsewhere_needs_the_network(services, ask):
    sentence(lambda: ask("hunyuan-server", server="https://gpu.example.org", online=False), "network")


def test_a_workflow_gets_the_picture_the_words_and_the_seed(services, ask):
    ask("comfyui", prompt="a lion", seed=11)
    [order] = services.of("/prompt", "POST")
    nodes = order.json["prompt"]
    assert nodes["1"]["inputs"]["image"] == "picture (1).png"
    assert nodes["2"]["inputs"] == {"seed": 11, "steps": 20, "positive": ["4", 0]}
    assert nodes["3"]["inputs"] == {"seed": ["8", 0], "noise_seed": 11}
    assert nodes["4"]["inputs"]["text"] == "jewel, a lion, gold"
    [view] = services.of("/view")
    assert view.path == "/view?filename=ring_00001_.glb&subfolder=mesh&type=output"


def test_the_workflow_itself_is_left_as_it_is(saved):
    nodes = workflow(saved)
    filled(nodes, "x.png", "words", 1)
    assert nodes == NODES


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no json", "not JSON"), ('{"nodes": [], "links": []}', "Export (API)"), ("[]", "API format"), ("{}", "API format"), ('{"1": {"class_type": 3}}', "API format"),
        ('{"1": {"class_type": "KSampler", "inputs": {}}}', "loads no picture"),
    ],
)  # fmt: skip
def test_what_is_no_workflow_is_refused(text, words, services, make, tmp_path):
    path = tmp_path / "w.json"
    path.write_text(text)
    assert words in sentence(lambda: make("comfyui", model=str(path)), "model")
    assert services.of("/prompt") == []


def test_comfyui_without_a_workflow_and_with_one_that_is_not_there(services, make, tmp_path):
    assert "--model workflow_api.json" in sentence(lambda: make("comfyui"), "model")
    assert "cannot be read" in sentence(lambda: make("comfyui", model=str(tmp_path / "no.json")), "model")


def test_a_workflow_that_fails_names_the_node(services, ask):
    services.error = "CUDA out of memory"
    assert "Load: CUDA out of memory" in sentence(lambda: ask("comfyui"), "task")


def test_a_workflow_that_the_server_refuses_says_why(services, ask):
    services.fail = [("/prompt", 400)]
    services.told = json.dumps({"error": {"type": "prompt_outputs_failed_validation", "message": "Prompt outputs failed validation"}, "node_errors": {"2": {}}})
    assert "Prompt outputs failed validation" in sentence(lambda: ask("comfyui"), "picture")


@pytest.mark.parametrize(("phase", "interrupts"), [("queue", []), ("making the body", [{"prompt_id": "prompt-1"}])])
def test_cancel_stops_the_graphics_card_of_ones_own_and_nobody_elses_work(phase, interrupts, services, ask):
    services.looks = 10**9
    with pytest.raises(Cancelled):
        ask("comfyui", Ear(phase))
    assert services.of("/queue", "POST")[0].json == {"delete": ["prompt-1"]} and [one.json for one in services.of("/interrupt")] == interrupts
    assert tasks.listed() == ()


def test_a_server_that_was_started_anew_does_not_know_the_task(services, ask):
    services.looks, services.forgot = 10**9, True
    assert "was it started anew" in sentence(lambda: ask("comfyui"), "task")
    assert tasks.listed() == ()


def test_a_mesh_of_another_kind_comes_from_a_workflow(services, ask, monkeypatch):
    triangle = b"v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n"
    services.result, services.kind = triangle, "application/octet-stream"
    from blender_jewelgen.engines.remote import comfyui

    monkeypatch.setattr(comfyui, "_files", lambda outputs: iter([{"filename": "ring.obj", "subfolder": "", "type": "output"}]))
    assert len(ask("comfyui").mesh.faces) == 4 and tasks.listed() == ()


@pytest.mark.parametrize("engine", PAID)
@pytest.mark.parametrize(("status", "field"), [(401, "key"), (402, "key"), (429, "network"), (500, "network")])
def test_every_paid_service_refuses_in_sentences(engine, status, field, services, ask):
    services.fail = [("", status)] * 9
    sentence(lambda: ask(engine), field)
    assert tasks.listed() == ()


@pytest.mark.parametrize("engine", [*PAID, "comfyui", "hunyuan-server"])
@pytest.mark.parametrize("fault", ["truncated", "oversize", "wrong type", "expired", "redirect"])
def test_every_service_survives_results_that_are_none(engine, fault, services, ask, monkeypatch):
    if fault == "truncated":
        services.result = glb()[:-8]
    elif fault == "oversize":
        monkeypatch.setattr(http, "RESULT", 100)
    elif fault == "wrong type":
        services.result, services.kind = b"<html>", "text/html"
    elif fault == "expired":
        services.expired = 9
    else:
        services.redirect, services.to = {"stability": "/v2beta", "comfyui": "/view", "hunyuan-server": "/generate"}.get(engine, "/results/"), "http://127.0.0.1:9/x"
    if fault == "expired" and engine in ("stability", "hunyuan-server"):
        pytest.skip("it gives no link")
    with pytest.raises(BadInput) as error:
        ask(engine)
    assert error.value.field in ("mesh", "network", "task") and "sssigned" not in str(error.value)


ODD = ["[]", "{}", "null", "3", '"x"', '{"data": null}', '{"code": "x"}', '{"code": 7, "message": ["a"]}', '{"jobs": {}, "uuid": 1}', '{"error": {"a": []}}', '{"name": null}', '{"result": "a", "status": {}}', "[" * 5000]


@pytest.mark.parametrize("engine", TASKED)
@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_no_answer_is_so_odd_that_it_is_no_sentence(engine, odd, services, ask):
    services.odd = odd
    with pytest.raises(BadInput) as error:
        ask(engine)
    assert len(str(error.value)) < 400


@pytest.mark.parametrize("engine", TASKED)
def test_every_task_is_gone_on_with_after_a_restart(engine, services, ask, monkeypatch):
    services.looks = 10**9
    monkeypatch.setattr(waiting, "LONGEST", 0.1)
    sentence(lambda: ask(engine), "task")
    [task] = tasks.listed()
    services.looks = 0
    body = flow.resumed(task.id[:4], True, Ear())
    assert len(body.mesh.faces) == 4 and body.credit["task"] == next(iter(task.handle.values()))


def test_two_services_work_at_once(services, ask):
    services.looks, done = 4, {}
    threads = [threading.Thread(target=lambda engine=engine: done.update({engine: len(ask(engine).mesh.faces)})) for engine in ("meshy", "tripo", "rodin", "stability")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert done == {"meshy": 4, "tripo": 4, "rodin": 4, "stability": 4}
    assert {task.engine for task in tasks.listed()} == set(done)


@pytest.mark.parametrize(("engine", "orders"), [("meshy", 1), ("tripo", 1), ("rodin", 2), ("comfyui", 2)])
def test_words_that_are_not_sent_make_no_other_order(engine, orders, services, ask):
    for words in ("lotus band", "dragon band"):
        ask(engine, prompt=words)
    path = {"meshy": "image-to-3d", "tripo": "/task", "rodin": "/rodin", "comfyui": "/prompt"}[engine]
    assert len(services.of(path, "POST")) == orders


def test_every_card_of_a_service_leads_to_its_service():
    from blender_jewelgen.engines.bodies.registry import CARDS

    for card in CARDS:
        if card.kind in ("remote", "server"):
            service = of(card.name)
            assert (service.engine, service.key, service.words) == (card.name, card.key, card.words)
    with pytest.raises(BadInput):
        of("ring")
