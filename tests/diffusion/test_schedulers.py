"""Schedulers by name: each family takes those it was taught for, keeps what it was taught with, and gets its own back."""

from __future__ import annotations

import re

import numpy as np
import pytest
from steer import FLOW, drawn

from blender_jewelgen.core.diffusion import SCHEDULERS
from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.engines.diffusion import schedulers


@pytest.mark.parametrize("family", ["sd15", "sdxl"])
def test_every_scheduler_of_noise_draws_another_picture_and_is_given_back(loaded, family):
    pipe = loaded(family).pipe
    own, first = pipe.scheduler, drawn(pipe, steps=4)
    assert schedulers.names(pipe) == ("ddim", "euler", "euler-ancestral", "dpm++", "unipc", "lcm")
    seen = []
    for name in schedulers.names(pipe):
        with schedulers.use(pipe, name):
            assert pipe.scheduler.config.beta_start == own.config.beta_start
            assert pipe.scheduler.config.prediction_type == own.config.prediction_type
            picture = drawn(pipe, steps=4)
        assert np.isfinite(picture).all() and picture.std() > 0.01
        assert all(not np.array_equal(picture, other) for other in seen)
        seen.append(picture)
        assert pipe.scheduler is own
    np.testing.assert_array_equal(drawn(pipe, steps=4), first)


@pytest.mark.parametrize("family", [*FLOW, "sana"])
def test_flow_models_take_flow_schedulers_and_say_which(loaded, family):
    pipe = loaded(family).pipe
    own = pipe.scheduler
    suit = schedulers.names(pipe)
    assert suit == (("flow-euler", "dpm++", "unipc") if family == "sana" else ("flow-euler", "lcm"))
    for name in suit:
        with schedulers.use(pipe, name):
            assert np.isfinite(drawn(pipe)).all()
        assert pipe.scheduler is own
    for name in set(SCHEDULERS) - {""} - set(suit):
        with pytest.raises(BadInput, match=re.escape(f"it takes {', '.join(suit)}")) as told:
            schedulers.use(pipe, name)
        assert told.value.field == "scheduler" and told.value.fix.option == f"--scheduler {suit[0]}"
        assert pipe.scheduler is own


def test_the_shift_of_a_flow_model_is_kept(loaded):
    pipe = loaded("sd3").pipe
    with schedulers.use(pipe, "lcm"):
        assert pipe.scheduler.config.shift == 3.0
    with schedulers.use(loaded("sana").pipe, "flow-euler") as sana:
        assert sana.scheduler.config.shift == 3.0


def test_its_own_scheduler_changes_nothing(loaded):
    pipe = loaded("flux").pipe
    first = drawn(pipe)
    with schedulers.use(pipe, ""):
        np.testing.assert_array_equal(drawn(pipe), first)


def test_a_model_of_noise_takes_no_flow_scheduler(loaded):
    with pytest.raises(BadInput, match="taught by noise"):
        schedulers.use(loaded("sd15").pipe, "flow-euler")


def test_a_scheduler_is_set_at_once_also_without_a_with(loaded):
    pipe = loaded("sd15").pipe
    own = pipe.scheduler
    used = schedulers.use(pipe, "euler")
    assert type(pipe.scheduler).__name__ == "EulerDiscreteScheduler"
    used.back()
    assert pipe.scheduler is own


def test_a_model_of_two_steps_keeps_its_own(loaded):
    class SanaSprintPipeline:
        scheduler = loaded("sana").pipe.scheduler

    with pytest.raises(BadInput, match="only its own"):
        schedulers.use(SanaSprintPipeline(), "flow-euler")
