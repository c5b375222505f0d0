"""Several bodies of one order: each is measured, those that are no bodies are refused with the reason, the best of the rest is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from ...core.body import Candidate, Tell
from ...core.errors import BadInput, Fix
from ...core.mesh.arrays import Mesh

Box = tuple[tuple[float, float, float], tuple[float, float, float]]


def best(
    one: Callable[[int, Tell], Mesh], seeds: Sequence[int], box: Box, label: str, tell: Tell, noise: bool = True
) -> tuple[Mesh, tuple[Candidate, ...]]:  # fmt: skip
    """The best of the bodies that ``one`` makes of 0, 1, 2 …, and what became of each.

    Parameters
    ----------
    one : number, tell -> Mesh
    seeds : what each is called by; without noise the number of its framing
    box : low and high corner of the space that the model was asked in; a body it cut off is refused
    label : of the model, for the sentence
    noise : another seed makes another body. Without, the first that is not refused ends it: the others would cost time and add little

    Raises BadInput, field engine, where all are refused, with the reasons.
    """
    from ...core.mesh.quality import measured, rank, refusal

    candidates: list[Candidate] = []
    kept: tuple[tuple[float, ...], Mesh] | None = None
    for number, seed in enumerate(seeds):
        told = f"body {number + 1} of {len(seeds)}: " if len(seeds) > 1 else ""
        heard = lambda share, text, done=number, told=told: tell((done + 0.95 * share) / len(seeds), told + text)  # noqa: E731
        mesh = one(number, heard)
        heard(1.0, "measuring it")
        quality = measured(mesh, wall=False, box=tuple(np.array(corner, np.float64) for corner in box))
        refused = refusal(quality)
        candidates.append(Candidate(seed=seed, numbers=quality.as_dict(), refused=refused))
        if not refused and (kept is None or rank(quality) < kept[0]):
            kept = rank(quality), mesh
        if kept is not None and not noise:
            break
    if kept is None:
        raise _none(candidates, label, noise)
    return kept[1], tuple(candidates)


def _none(candidates: Sequence[Candidate], label: str, noise: bool) -> BadInput:
    reasons = Counter(one.refused for one in candidates)
    first = candidates[0].refused
    others = len(candidates) - reasons[first]
    told = f"seed {candidates[0].seed}: {first}" if noise else f"framing {candidates[0].seed}: {first}"
    told += f"; {others} of another kind" if others else ""
    fix = Fix("Try Other Seeds", f"--seed {candidates[-1].seed + 1}") if noise else Fix("Fit a Form of Ours", "--engine auto")
    if len(candidates) == 1:
        return BadInput(f"the body that {label} made cannot be used ({told})", field="engine", fix=fix)
    return BadInput(f"none of the {len(candidates)} bodies that {label} made can be used ({told})", field="engine", fix=fix)
