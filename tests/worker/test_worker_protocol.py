"""The words on the wire: each comes back as it went, and nothing else is taken for one."""

from __future__ import annotations

import json

import pytest

from blender_jewelgen.worker import protocol as say

EVERY = (
    say.Hello(say.PROTOCOL, "0.1.0", "3.11.7", ("procedural", "motif")),
    say.Submit("1", "make", "/tmp/José Núñez/首饰 盒", {"recipe": "{}", "deep": {"list": [1, 2.5, None, True]}}),
    say.Cancel("1"),
    say.Progress("1", 0.25, "raising the relief\nline \u2028 break", "thumb.png"),
    say.Done("1", {"volume": 1.5}),
    say.Failed("1", "depth is 9 mm", "depth", "Use 0.6 mm", "--depth 0.6", "bad_input"),
    say.Cancelled("1"),
    say.Ping(3),
    say.Pong(3),
    say.Log("\ud800 a half character"),
)


def test_every_word_has_an_example():
    assert {type(message) for message in EVERY} == set(say.WORDS.values())


@pytest.mark.parametrize("message", EVERY, ids=lambda m: type(m).__name__)
def test_a_message_comes_back_as_it_went_in_one_line_of_ascii(message):
    line = say.encode(message)
    assert line.count(b"\n") == 1 and line.endswith(b"\n") and line.isascii()
    assert say.decode(line) == message


@pytest.mark.parametrize(
    "line",
    [
        b"", b"\n", b"hello", b"null", b"[]", b"3", b'"done"', b"{}", b'{"word": "sing"}', b'{"word": ["done"]}', b"\xff\xfe", b"[" * 100_000,
        b'{"word": "done"}', b'{"word": "done", "job": "1"}', b'{"word": "done", "job": 1, "result": {}}', b'{"word": "done", "job": "1", "result": []}',
        b'{"word": "done", "job": "1", "result": {}, "more": 1}', b'{"word": "progress", "job": "1", "fraction": "a", "text": ""}',
        b'{"word": "progress", "job": "1", "fraction": true, "text": ""}', b'{"word": "progress", "job": "1", "fraction": NaN, "text": ""}',
        b'{"word": "ping", "number": 1.5}', b'{"word": "hello"}', b'{"word": "hello", "protocol": 1, "strange": 2}', b'{"word": "submit", "job": "1"}',
    ],
)
def test_a_foreign_line_is_an_error(line):
    with pytest.raises(ValueError, match="not a worker message"):
        say.decode(line)


def test_the_hello_of_any_other_protocol_can_be_read():
    line = json.dumps({"word": "hello", "protocol": say.PROTOCOL + 1, "version": "9.0", "strange": [1], "engines": 7}).encode()
    assert say.decode(line) == say.Hello(say.PROTOCOL + 1, "9.0")


@pytest.mark.parametrize("params", [{"x": float("nan")}, {"x": {1, 2}}, {"x": b"bytes"}], ids=str)
def test_what_json_cannot_hold_is_not_sent(params):
    with pytest.raises((ValueError, TypeError)):
        say.encode(say.Submit("1", "make", "/tmp", params))
