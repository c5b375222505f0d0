"""Which addresses are asked, and which links are followed."""

from __future__ import annotations

import pytest

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.engines.remote import address

HOME = "https://api.meshy.ai/openapi"


@pytest.mark.parametrize("typed", ["http://127.0.0.1:8081", "http://localhost:8188/", "http://[::1]:80/api", "https://gpu.example.org", "http://127.1.2.3:9"])
def test_https_anywhere_and_http_on_this_computer(typed):
    assert address.proper_server("it", f" {typed} ") == typed.rstrip("/")


@pytest.mark.parametrize("typed", ["http://192.168.1.4:8081", "http://localhost.evil.org", "http://127.0.0.1.evil.org", "http://0.0.0.0:1", "https://", "file:///etc", "https://a:b@c.org", "gpu:8081"])
def test_anything_else_is_refused(typed):
    with pytest.raises(BadInput) as error:
        address.proper_server("it", typed)
    assert error.value.field == "server"


@pytest.mark.parametrize("link", ["https://assets.meshy.ai/a.glb?x=1", "https://bucket.s3.amazonaws.com/a", "https://8.8.8.8/a.glb"])
def test_results_may_lie_on_any_other_host_of_the_network(link):
    address.proper_link("it", link, HOME)


@pytest.mark.parametrize(
    "link",
    ["http://assets.meshy.ai/a", "https://127.0.0.1/a", "https://localhost/a", "https://10.0.0.1/a", "https://169.254.169.254/latest", "https://[::1]/a", "https://[fd00::1]/a", "https://nas.local/a",
     "http://127.0.0.1/a", "//assets.meshy.ai/a", "data:model/gltf-binary;base64,AA", "", "https:///a"],
)  # fmt: skip
def test_no_service_leads_us_into_our_own_network(link):
    with pytest.raises(BadInput) as error:
        address.proper_link("it", link, HOME)
    assert error.value.field == "network"


def test_a_server_of_ones_own_may_give_links_to_itself():
    address.proper_link("it", "https://gpu.local:8188/view?filename=a", "https://gpu.local:8188")
    address.proper_link("it", "http://127.0.0.1:8188/view", "http://127.0.0.1:8188")
    with pytest.raises(BadInput):
        address.proper_link("it", "http://gpu.local/a", "http://127.0.0.1:8188")


def test_a_key_goes_home_or_to_this_computer_only():
    assert address.own_server("Meshy", "", HOME) == HOME
    assert address.own_server("Meshy", "http://127.0.0.1:9/x", HOME) == "http://127.0.0.1:9/x"
    for typed in ("https://api.meshy.ai.evil.org", "https://evil.org/api.meshy.ai", "https://api.meshy.ai:8443", "http://api.meshy.ai"):
        with pytest.raises(BadInput):
            address.own_server("Meshy", typed, HOME)


@pytest.mark.parametrize(
    ("url", "key"), [(f"{HOME}/v1/x", "Bearer k"), ("https://assets.meshy.ai/a.glb", None), ("http://api.meshy.ai/openapi", None), ("https://api.meshy.ai:8443/", None)]
)
def test_the_key_is_put_to_requests_of_the_service_only(url, key):
    from types import SimpleNamespace

    from blender_jewelgen.engines.remote.attempt import _bearer

    request = SimpleNamespace(url=url, headers={})
    _bearer("k", HOME, HOME)(request)
    assert request.headers.get("Authorization") == key
