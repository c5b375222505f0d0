"""The rule of the steps by name, within what a family of models was taught for."""

from __future__ import annotations

from typing import Any

from ...core.errors import BadInput, Fix

_NOISE: dict[str, tuple[str, dict[str, Any]]] = {
    "ddim": ("DDIMScheduler", {"clip_sample": False}),
    "euler": ("EulerDiscreteScheduler", {}),
    "euler-ancestral": ("EulerAncestralDiscreteScheduler", {}),
    "dpm++": ("DPMSolverMultistepScheduler", {"algorithm_type": "dpmsolver++", "solver_order": 2, "use_karras_sigmas": True}),
    "unipc": ("UniPCMultistepScheduler", {}),
    "lcm": ("LCMScheduler", {}),
}
_FLOW: dict[str, tuple[str, dict[str, Any]]] = {
    "flow-euler": ("FlowMatchEulerDiscreteScheduler", {}),
    "lcm": ("FlowMatchLCMScheduler", {}),
}
_SANA: dict[str, tuple[str, dict[str, Any]]] = {  # the one family whose pipeline asks for no sigmas
    "flow-euler": _FLOW["flow-euler"],
    "dpm++": ("DPMSolverMultistepScheduler", {"algorithm_type": "dpmsolver++", "prediction_type": "flow_prediction", "use_flow_sigmas": True}),
    "unipc": ("UniPCMultistepScheduler", {"prediction_type": "flow_prediction", "use_flow_sigmas": True}),
}


class Used:
    """A pipeline under another scheduler; at once, and until the ``with`` ends or ``back`` is called."""

    def __init__(self, pipe: Any, scheduler: Any) -> None:
        self.pipe, self.was = pipe, pipe.scheduler
        pipe.scheduler = scheduler

    def back(self) -> None:
        """The scheduler that the model came with."""
        self.pipe.scheduler = self.was

    def __enter__(self) -> Any:
        return self.pipe

    def __exit__(self, *_: object) -> None:
        self.back()


def use(pipe: Any, name: str) -> Used:
    """Set the scheduler of ``pipe`` by name, "" for its own; what the model was taught with (betas, shift, kind of prediction) is kept.

    Raises BadInput, field "scheduler", naming those that suit the model.
    """
    suit = names(pipe)
    if name and not suit:
        raise BadInput(f"the scheduler {name} does not suit this model, which takes only its own", field="scheduler")
    if name and name not in suit:
        kind = "flow" if flows(pipe) else "noise"
        raise BadInput(
            f"the scheduler {name} does not suit this model, which was taught by {kind}; it takes {', '.join(suit)}", field="scheduler",
            fix=Fix(f"Use {suit[0]}", f"--scheduler {suit[0]}"),
        )  # fmt: skip
    if not name:
        return Used(pipe, pipe.scheduler)
    return Used(pipe, _made(pipe, *_table(pipe)[name]))


def names(pipe: Any) -> tuple[str, ...]:
    """The names that suit this pipeline."""
    return tuple(_table(pipe))


def flows(pipe: Any) -> bool:
    """Whether the model was taught by flow matching, as its own scheduler tells."""
    config = pipe.scheduler.config
    return type(pipe.scheduler).__name__.startswith("FlowMatch") or config.get("prediction_type") == "flow_prediction" or bool(config.get("use_flow_sigmas"))


def _table(pipe: Any) -> dict[str, tuple[str, dict[str, Any]]]:
    if type(pipe).__name__.startswith("SanaSprint"):
        return {}
    if type(pipe).__name__.startswith("Sana"):
        return _SANA
    return _FLOW if flows(pipe) else _NOISE


def _made(pipe: Any, kind: str, more: dict[str, Any]) -> Any:
    import diffusers

    config = dict(pipe.scheduler.config)
    shift = config.get("flow_shift") or config.get("shift")
    if shift is not None and not config.get("use_dynamic_shifting"):
        more = more | ({"shift": shift} if kind.startswith("FlowMatch") else {"flow_shift": shift})
    if config.get("prediction_type") == "flow_prediction" and kind.startswith("FlowMatch"):
        config.pop("prediction_type")
    return getattr(diffusers, kind).from_config(config, **more)
