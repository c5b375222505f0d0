"""Tests inside Blender: the add-on registered for one test and gone after it, the file empty before."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager

import pytest


@contextmanager
def _registered():
    bpy = pytest.importorskip("bpy")
    import blender_jewelgen.blender

    bpy.ops.wm.read_factory_settings(use_empty=True)
    blender_jewelgen.blender.register()
    try:
        yield bpy
    finally:
        blender_jewelgen.blender.unregister()
        bpy.ops.wm.read_factory_settings(use_empty=True)


@pytest.fixture
def addon():
    """bpy with JewelGen registered in an empty file; everything is unregistered afterwards."""
    with _registered() as bpy:
        yield bpy


@pytest.fixture(scope="module")
def _empty_file():
    bpy = pytest.importorskip("bpy")
    bpy.ops.wm.read_factory_settings(use_empty=True)
    yield bpy
    bpy.ops.wm.read_factory_settings(use_empty=True)


@pytest.fixture
def empty(_empty_file):
    """bpy with nothing in it but the node groups of earlier tests, which take long to write."""
    yield _empty_file
    data = _empty_file.data
    for pool in (data.objects, data.meshes, data.images, data.collections, data.materials):
        data.batch_remove(list(pool))


_RESULT = [0]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    _RESULT[0] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config):
    """bpy 4.5 as a module can hang when its process ends."""
    if "bpy" in sys.modules:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_RESULT[0])


@pytest.fixture(scope="module")
def _shop():
    with _registered() as bpy:
        yield bpy


@pytest.fixture
def shop(_shop):
    """bpy with JewelGen registered once a module, its worker kept warm, and an empty file for each test."""
    _shop.ops.wm.read_factory_settings(use_empty=True)
    yield _shop
