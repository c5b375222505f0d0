"""Meshy, on this machine: the whole path, and every fault that a service can have."""

from __future__ import annotations

import base64
import io
import json
import threading
import time

import numpy as np
import pytest
from PIL import Image
from services import KEYS, Ear, glb

from blender_jewelgen.core.errors import BadInput, Cancelled
from blender_jewelgen.engines.remote import attempt, flow, http, tasks, waiting


def refused(make, *words: str, field: str, **params) -> BadInput:
    """The sentence of a refusal, which holds ``words`` and neither the key nor a signature."""
    with pytest.raises(BadInput) as error:
        make(**params)
    told = str(error.value)
    assert error.value.field == field, told
    assert all(word in told for word in words), told
    assert not any(key in told for key in KEYS.values()) and "sssigned" not in told
    assert "\n" not in told and len(told) < 400
    return error.value


def test_a_picture_becomes_a_mesh_that_stands_upright(services, make):
    ear = Ear()
    body = make("meshy", ear)
    assert len(body.mesh.faces) == 4 and body.mesh.volume == pytest.approx(1 / 6, rel=1e-6)
    assert body.mesh.vertices[:, 2].max() == pytest.approx(1.0)  # the GLB's y
    assert body.cost == "20 credits"
    assert body.credit == {"name": "meshy", "revision": "latest", "licence": "Meshy terms", "task": "meshy-1"}
    shares = [share for share, _ in ear.heard]
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert any("40%" in text for _, text in ear.heard)


def test_the_order_holds_the_picture_and_the_key_and_nothing_of_the_person(services, make, picture):
    make("meshy", model="meshy-6")
    [order] = services.of("image-to-3d", "POST")
    assert order.path == "/v1/image-to-3d" and order.key == KEYS["meshy"]
    assert order.json["ai_model"] == "meshy-6" and order.json["should_texture"] is False
    head, _, data = order.json["image_url"].partition(",")
    sent = Image.open(io.BytesIO(base64.b64decode(data)))
    assert head == "data:image/png;base64" and sent.size == (96, 96) and not sent.info
    assert picture.name not in order.body.decode() and str(picture.parent) not in order.body.decode()


def test_words_alone_become_a_mesh(services, make):
    make("meshy", shown=None, prompt="a signet ring with a lion")
    [order] = services.of("text-to-3d", "POST")
    assert order.json["prompt"] == "a signet ring with a lion" and order.json["mode"] == "preview"


def test_the_key_goes_to_the_service_and_never_to_where_results_lie(services, make):
    make("meshy")
    assert {one.key for one in services.asked if one.host == "api"} == {KEYS["meshy"]}
    assert {one.key for one in services.asked if one.host == "store"} == {""}


def test_a_netrc_sends_no_password_along(services, make, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setattr(attempt, "loopback", lambda address: False)  # as on the network, where the environment is heeded
    make("meshy")
    assert {one.key for one in services.asked if one.host == "store"} == {""}


def test_a_proxy_of_the_environment_is_not_asked_for_this_computer(services, make, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert len(make("meshy").mesh.faces) == 4


def test_a_service_that_does_not_speak_https_is_told_from_one_that_is_not_there(services, make):
    refused(make, "does not speak https", field="network", server=services.address.replace("http:", "https:"))


def test_nothing_is_asked_while_the_network_is_not_allowed(services, make):
    error = refused(make, "not allowed", "Blender's preferences", "--online", field="network", online=False)
    assert error.fix.option == "--online" and services.asked == []


def test_nothing_is_asked_while_the_variable_switches_the_network_off(services, make, monkeypatch):
    monkeypatch.setenv("JEWELGEN_OFFLINE", "1")
    refused(make, "JEWELGEN_OFFLINE", field="network")
    assert services.asked == []


def test_nothing_is_asked_without_a_key(services, make, monkeypatch):
    monkeypatch.delenv("JEWELGEN_MESHY_KEY")
    refused(make, "JEWELGEN_MESHY_KEY", "jewelgen keys set meshy", "meshy.ai", field="key")
    assert services.asked == []


def test_a_key_that_no_header_can_carry_is_refused_unseen(services, make, monkeypatch):
    monkeypatch.setenv("JEWELGEN_MESHY_KEY", "msy secret\nInjected: yes")
    error = refused(make, "copy it again", field="key")
    assert "secret" not in str(error) and services.asked == []


@pytest.mark.parametrize(
    ("status", "told", "field", "words"),
    [
        (401, '{"message": "Invalid API key msy_secretsecret"}', "key", ("does not know the key", "jewelgen keys set meshy")),
        (402, '{"message": "Insufficient funds"}', "key", ("no credits left", "Insufficient funds")),
        (403, '{"message": "NSFW"}', "key", ("does not allow",)),
        (400, '{"message": "image_url is bad"}', "picture", ("does not take the order (image_url is bad)",)),
        (413, "", "picture", ("too large",)),
        (418, "<html><body>teapot</body></html>", "network", ("error 418", "teapot")),
    ],
)
def test_a_refusal_of_the_order_is_a_sentence_and_is_not_repeated(status, told, field, words, services, make):
    services.fail, services.told = [("image-to-3d", status)], told
    refused(make, *words, field=field)
    assert len(services.of("image-to-3d", "POST")) == 1 and tasks.listed() == ()


def test_a_busy_service_is_asked_again_after_the_time_it_says(services, make):
    services.fail, services.retry_after = [("image-to-3d", 429)] * 2, "0.2"
    begun = time.monotonic()
    make("meshy")
    assert time.monotonic() - begun > 0.4 and len(services.of("image-to-3d", "POST")) == 3


def test_a_service_that_stays_busy_or_asks_for_hours_is_a_sentence(services, make):
    services.fail = [("image-to-3d", 429)] * 9
    refused(make, "enough of us", field="network")
    assert len(services.of("image-to-3d", "POST")) == http.TRIES
    services.fail, services.retry_after = [("image-to-3d", 429)], "7200"
    refused(make, "in 120 min", field="network")


def test_a_fault_while_ordering_is_not_paid_twice_and_one_while_looking_is_looked_over(services, make):
    services.fail = [("image-to-3d", 500)]
    refused(make, "error 500", field="network")
    assert len(services.of("image-to-3d", "POST")) == 1
    services.fail = [("image-to-3d/", 500), ("image-to-3d/", 503), ("/results/", 502)]
    assert len(make("meshy").mesh.faces) == 4
    assert len(services.of("image-to-3d", "POST")) == 2


def test_a_service_that_is_not_there_is_named_with_its_address(services, make):
    refused(make, "cannot be reached at 127.0.0.1:9", "nobody is there", field="network", server="http://127.0.0.1:9")


def test_a_slow_answer_is_waited_for_and_none_is_not(services, make, monkeypatch):
    services.slow = 0.02
    assert len(make("meshy").mesh.faces) == 4
    tasks.forget(tasks.listed()[0].id)
    monkeypatch.setattr(http, "TRIES", 2)
    services.hang = "/results/"
    monkeypatch.setattr(attempt, "CONNECT", 0.3)
    monkeypatch.setattr(attempt, "READ", 0.3)
    error = refused(make, "not a byte came within 0.3 s", "tasks resume", field="network")
    services.hang = "no path"
    monkeypatch.setattr(attempt, "READ", 60.0)
    assert len(flow.resumed(error.fix.option.split()[-1], True, Ear()).mesh.faces) == 4
    assert len(services.of("image-to-3d", "POST")) == 2


def test_an_order_without_an_answer_is_not_sent_again_and_the_person_is_told(services, make, monkeypatch):
    monkeypatch.setattr(http, "ORDER", 0.3)
    services.hang = "image-to-3d"
    refused(make, "may have been begun and charged", field="network")
    assert len(services.of("image-to-3d", "POST")) == 1


def test_a_result_that_breaks_off_is_fetched_again_and_nothing_half_stays(services, make, home):
    services.cut = 2
    assert len(make("meshy").mesh.faces) == 4
    assert len(services.of("/results/")) == 3
    assert not list(home.rglob("*.part"))


def test_a_result_that_always_breaks_off_is_a_sentence_and_the_task_stays(services, make):
    services.cut = 99
    error = refused(make, "the connection broke", "jewelgen tasks resume", field="network")
    services.cut = 0
    assert len(flow.resumed(error.fix.option.split()[-1], True, Ear()).mesh.faces) == 4


def test_a_glb_that_is_cut_short_on_the_server_is_a_sentence(services, make):
    services.result = glb()[:-20]
    refused(make, "cut short", field="network")
    assert len(services.of("/results/")) == http.TRIES


@pytest.mark.parametrize(
    ("result", "kind", "words"),
    [
        (b"<html>log in</html>", "text/html; charset=utf-8", ("text/html, not a mesh",)),
        (b'{"error": "x"}', "application/json", ("application/json, not a mesh",)),
        (b"PK\x03\x04" + bytes(200), "application/octet-stream", ("no binary glTF",)),
        (b"glTF\1\0\0\0" + bytes(100), "model/gltf-binary", ("version 1",)),
    ],
)
def test_what_is_no_mesh_is_refused_and_can_be_forgotten(result, kind, words, services, make):
    services.result, services.kind = result, kind
    error = refused(make, *words, field="mesh")
    assert error.fix.option == f"jewelgen tasks forget {tasks.listed()[0].id}"


def test_a_glb_with_a_damaged_inside_is_a_sentence(services, make):
    whole = bytearray(glb())
    whole[30:60] = b"\xff" * 30
    services.result = bytes(whole)
    refused(make, "damaged or cut short", field="mesh")


def test_a_result_beyond_the_limit_is_refused_before_it_is_read(services, make, monkeypatch):
    services.length = http.RESULT + 1
    refused(make, "more than 256 MB", field="mesh")
    monkeypatch.setattr(http, "RESULT", 100)
    services.length = None
    for task in tasks.listed():
        tasks.forget(task.id)
    refused(make, "which is the limit", field="mesh")


def test_an_answer_of_megabytes_is_refused(services, make):
    services.odd = " " * (attempt.ANSWER + 10)
    refused(make, "more than 4 MB, which is the limit", field="network")


@pytest.mark.parametrize("odd", ["[]", "{}", '{"result": null, "status": 3}', "null", '"text"'])
def test_an_answer_that_is_not_understood_is_a_sentence(odd, services, make):
    services.odd = odd
    with pytest.raises(BadInput) as error:
        make("meshy")
    assert "does not know" in str(error.value) or "could not make" in str(error.value)


def test_an_address_that_speaks_no_json_is_named(services, make):
    services.odd = "<html>Gradio</html>"
    refused(make, "speaks no JSON", field="server")


def test_a_link_that_has_run_out_is_asked_for_anew(services, make):
    services.expired = 1
    assert len(make("meshy").mesh.faces) == 4
    assert len(services.of("/results/")) == 2


def test_links_that_always_run_out_are_a_sentence_and_the_task_stays(services, make):
    services.expired = 9
    refused(make, "has run out", "jewelgen tasks resume", field="task")
    assert [task.state for task in tasks.listed()] == ["open"]


def test_whoever_sends_us_to_another_host_is_refused(services, make):
    services.redirect, services.to = "image-to-3d", f"{services.store}/elsewhere"
    refused(make, "sends us on", services.store.removeprefix("http://"), field="network")
    services.redirect, services.to = "/results/", f"{services.address}/results/other.glb"
    refused(make, "sends us on", field="network")
    assert services.of("elsewhere") == [] and services.of("other.glb") == []


def test_a_result_may_be_sent_on_within_its_own_host(services, make):
    services.redirect, services.to = "body.glb", "/results/other.glb"
    assert len(make("meshy").mesh.faces) == 4


@pytest.mark.parametrize("link", ["ftp://127.0.0.1/a.glb", "file:///etc/passwd", "http://example.org/a.glb", "", "body.glb"])
def test_a_link_that_is_not_https_is_refused(link, services, make):
    services.link = link or " "
    refused(make, "not https", field="network")


def test_a_task_that_fails_is_told_with_the_reason_and_struck_off(services, make):
    services.failed = "The picture violates ... https://x.org/a?token=sssigned"
    refused(make, "could not make the body (The picture violates", field="task")
    assert tasks.listed() == ()


def test_a_task_that_never_ends_stays_on_the_list_and_is_gone_on_with(services, make, monkeypatch):
    services.looks = 10**9
    monkeypatch.setattr(waiting, "LONGEST", 0.3)
    error = refused(make, "without an end", field="task")
    services.looks = 0
    body = flow.resumed(error.fix.option.split()[-1], True, Ear())
    assert len(body.mesh.faces) == 4 and "gone on with" in body.notes[0]
    assert len(services.of("image-to-3d", "POST")) == 1


def test_a_task_that_the_service_forgot_is_struck_off(services, make):
    services.fail = [("image-to-3d/", 404)]
    refused(make, "does not have the task any more", field="task")
    assert tasks.listed() == ()


def test_after_a_restart_the_same_order_goes_on_with_its_task(services, make, monkeypatch):
    services.looks = 10**9
    monkeypatch.setattr(waiting, "LONGEST", 0.2)
    refused(make, "without an end", field="task")
    services.looks = 1
    body = make("meshy")
    assert "gone on with" in body.notes[0] and len(services.of("image-to-3d", "POST")) == 1


def test_a_finished_order_is_not_paid_for_again_but_another_seed_is(services, make):
    first, second = make("meshy"), make("meshy")
    np.testing.assert_array_equal(first.mesh.vertices, second.mesh.vertices)
    assert "nothing was charged" in second.notes[0] and len(services.of("image-to-3d", "POST")) == 1
    make("meshy", seed=1)
    assert len(services.of("image-to-3d", "POST")) == 2


@pytest.mark.parametrize("phase", ["reading the picture", "sending the order", "asked how far", "queue", "making the body", "fetching", "reading the body"])
def test_cancel_acts_in_every_phase_and_what_was_begun_stays(phase, services, make):
    services.slow = 0.05
    with pytest.raises(Cancelled):
        make("meshy", Ear(phase))
    begun = bool(services.of("image-to-3d", "POST"))
    assert len(tasks.listed()) == int(begun and phase != "sending the order")


def test_cancel_leaves_a_service_that_never_answers(services, make):
    services.hang = "image-to-3d"
    ear = Ear()
    threading.Timer(0.3, lambda: setattr(ear, "until", "sending")).start()
    with pytest.raises(Cancelled):
        make("meshy", ear)
    assert len(services.of("image-to-3d", "POST")) == 1 and tasks.listed() == ()


def test_an_order_that_is_taken_after_the_cancel_is_kept(services, make):
    services.hang = "image-to-3d"
    ear = Ear()
    threading.Timer(0.3, lambda: setattr(ear, "until", "sending")).start()
    with pytest.raises(Cancelled):
        make("meshy", ear)
    services.hang = "no path"
    end = time.monotonic() + 20.0
    while not tasks.listed() and time.monotonic() < end:
        time.sleep(0.02)
    assert [task.handle["task"] for task in tasks.listed()] == ["meshy-1"]
    assert len(make("meshy").mesh.faces) == 4 and len(services.of("image-to-3d", "POST")) == 1


def test_nothing_of_the_key_is_ever_written_down(services, make, home):
    make("meshy")
    services.fail, services.told = [("image-to-3d", 401)], json.dumps({"message": f"bad {KEYS['meshy']}"})
    refused(make, "does not know the key", field="key", seed=5)
    files = [path for path in home.rglob("*") if path.is_file()]
    assert files and not any(KEYS["meshy"].encode() in path.read_bytes() or b"sssigned" in path.read_bytes() for path in files)


def test_a_task_on_disk_says_nothing_of_where_the_picture_lay(services, make, home, picture):
    make("meshy")
    [file] = list((home / "tasks").glob("*.json"))
    assert picture.name in json.loads(file.read_text(encoding="utf-8"))["picture"] and picture.parent.name not in file.read_text(encoding="utf-8")
