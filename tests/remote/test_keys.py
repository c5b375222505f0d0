"""Where keys of services are kept, and that none of them is ever shown."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace

import pytest

from blender_jewelgen.cli import keys as verb
from blender_jewelgen.cli import options as opt
from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.engines.remote import keys
from blender_jewelgen.worker.jobs import JOBS

SECRET = "msy_topsecretkey"


class Ring(SimpleNamespace):
    """A key ring as the library keyring has it."""

    def __init__(self, priority: float = 5.0, broken: bool = False) -> None:
        super().__init__(kept={}, priority=priority, broken=broken)

    def get_keyring(self):
        return SimpleNamespace(priority=self.priority)

    def _try(self, value: str = "") -> None:
        if self.broken:
            raise RuntimeError(f"the desktop is locked {value}")

    def get_password(self, service, name):
        self._try()
        return self.kept.get((service, name))

    def set_password(self, service, name, value):
        self._try(value)
        self.kept[service, name] = value

    def delete_password(self, service, name):
        self._try()
        del self.kept[service, name]


@pytest.fixture
def ring(home, monkeypatch):
    one = Ring()
    monkeypatch.setitem(sys.modules, "keyring", one)
    return one


@pytest.fixture
def run(home, capsys, monkeypatch):
    """The verb, with ``typed`` coming in on stdin."""

    def command(*arguments: str, typed: str = "") -> tuple[int, str]:
        parser = opt.Parser(prog="jewelgen keys")
        verb.add_options(parser)
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        capsys.readouterr()
        code = verb.keys(parser.parse_args(arguments))
        return code, capsys.readouterr().out

    return command


def test_a_key_goes_into_the_key_ring_and_out_again(ring):
    assert keys.put("meshy", f"  {SECRET}\n") == "keyring"
    assert ring.kept == {("jewelgen", "meshy"): SECRET} and keys.key("meshy") == SECRET
    assert [row["provider"] for row in keys.listed() if row["where"] == "keyring"] == ["meshy"]
    assert keys.remove("meshy") and not keys.remove("meshy") and ring.kept == {}


def test_the_environment_goes_before_the_key_ring(ring, monkeypatch):
    keys.put("meshy", SECRET)
    monkeypatch.setenv("JEWELGEN_MESHY_KEY", "msy_of_the_class")
    assert keys.key("meshy") == "msy_of_the_class"
    assert keys.listed()[0]["where"] == "environment"


@pytest.mark.parametrize("ring", [None, Ring(priority=0.5), Ring(broken=True)], ids=["none", "a plain file", "locked"])
def test_without_a_key_ring_a_key_is_kept_for_the_session_only_where_that_is_allowed(ring, home, monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", ring)
    monkeypatch.setenv("JEWELGEN_MESHY_KEY", "")
    with pytest.raises(BadInput) as error:
        keys.put("meshy", SECRET)
    assert "JEWELGEN_MESHY_KEY" in str(error.value) and SECRET not in str(error.value)
    assert keys.put("meshy", SECRET, session=True) == "session" and keys.key("meshy") == SECRET


@pytest.mark.parametrize("value", ["", "   ", "short", "two words of a key", "schlüssel-geheim", "line\nbreak-in-the-key", "x" * 5000])
def test_what_is_no_key_is_refused_without_being_shown(value, ring):
    with pytest.raises(BadInput) as error:
        keys.put("meshy", value)
    assert error.value.field == "key" and not (value.strip() and value in str(error.value)) and ring.kept == {}


def test_an_unknown_provider_is_named_with_the_nearest():
    with pytest.raises(BadInput) as error:
        keys.key("mesh")
    assert "did you mean meshy" in str(error.value)


def test_no_list_holds_a_key(ring, monkeypatch):
    keys.put("meshy", SECRET)
    monkeypatch.setenv("JEWELGEN_TRIPO_KEY", "tsk_secretsecret")
    told = str(keys.listed())
    assert "secret" not in told.replace("keyring", "")


def test_the_command_line_reads_a_key_from_stdin_and_never_from_an_argument(ring, run):
    code, out = run("set", "meshy", typed=f"{SECRET}\n")
    assert code == 0 and "in the key ring" in out and SECRET not in out
    assert ring.kept == {("jewelgen", "meshy"): SECRET}
    code, out = run("list")
    assert "meshy" in out and "in the key ring" in out and SECRET not in out
    with pytest.raises(BadInput):
        run("set", "meshy", SECRET)
    assert run("remove", "meshy") == (0, "the key of Meshy is removed\n") and ring.kept == {}


def test_the_command_line_says_which_variable_to_use_without_a_key_ring(run):
    with pytest.raises(BadInput) as error:
        run("set", "tripo", typed="tsk_secretsecret")
    assert "JEWELGEN_TRIPO_KEY" in str(error.value)
    _, out = run("list")
    assert "has no key ring" in out


def test_the_worker_keeps_a_key_and_forgets_its_own_parameters(ring, tmp_path):
    params = {"provider": "meshy", "key": SECRET}
    assert JOBS["key_set"](params, tmp_path, lambda *_: None) == {"provider": "meshy", "where": "keyring"}
    assert params == {"provider": "meshy"}
    told = JOBS["keys"]({}, tmp_path, lambda *_: None)
    assert told["ring"] is True and told["keys"][0]["where"] == "keyring" and SECRET not in str(told)
    assert JOBS["key_remove"]({"provider": "meshy"}, tmp_path, lambda *_: None) == {"provider": "meshy", "removed": True}
    assert not list(tmp_path.iterdir())


def test_a_real_worker_writes_no_key_into_its_log_or_folder(home, tmp_path, monkeypatch):
    from blender_jewelgen.worker.client import Client

    monkeypatch.delenv("JEWELGEN_MESHY_KEY", raising=False)
    log = tmp_path / "log.txt"
    client = Client(log=log)
    try:
        where = client.run("key_set", {"provider": "meshy", "key": SECRET}, tmp_path / "job", timeout=60)["where"]
        assert where in ("session", "keyring")
        assert next(row for row in client.run("keys", {}, tmp_path / "job", timeout=60)["keys"] if row["provider"] == "meshy")["where"]
        client.run("key_remove", {"provider": "meshy"}, tmp_path / "job", timeout=60)
    finally:
        client.close()
    assert not any(SECRET.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
