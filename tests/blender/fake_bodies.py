"""A worker that answers some jobs by itself and hands the others to a real one: bodies, keys and tasks without engines, key rings or services."""

from __future__ import annotations

import numpy as np

from blender_jewelgen.blender import jobs
from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.height.picture import write_height
from blender_jewelgen.worker import protocol as say
from blender_jewelgen.worker import store


class Bodies:
    """Stands where ``jobs`` keeps its worker. ``answers``: kind of a job to function(params, folder) that gives its result or raises BadInput; None never answers."""

    def __init__(self, answers):
        self.answers, self.asked, self.cancelled = dict(answers), [], []
        self._real, self._said = jobs._desk.worker(), []

    def submit(self, kind, params, folder):
        self.asked.append((kind, dict(params)))
        if kind not in self.answers:
            return self._real.submit(kind, params, folder)
        job = f"made-up {len(self.asked)}"
        answer = self.answers[kind]
        if answer is None:
            self._said.append(say.Progress(job, 0.3, "the service is making the body, 30%"))
            return job
        try:
            self._said.append(say.Done(job, answer(params, folder)))
        except BadInput as error:
            fix = error.fix
            self._said.append(say.Failed(job, str(error.args[0]), error.field, fix.label if fix else "", fix.option if fix else "", "bad_input"))
        return job

    def cancel(self, job):
        self.cancelled.append(job)
        if job.startswith("made-up"):
            self._said.append(say.Cancelled(job))
        else:
            self._real.cancel(job)

    def events(self):
        said, self._said = self._said, []
        return [*said, *self._real.events()]

    def of(self, kind):
        """The parameters of the jobs of a kind."""
        return [params for name, params in self.asked if name == kind]

    def close(self):
        self._real.close()

    @property
    def pid(self):
        return self._real.pid


FORM = {"form": "band", "shape": "d", "size": "US 9", "width": 6.2, "length": None, "thickness": 1.7, "margin": None, "hole": 2.0, "gap": 26.0}
ORIGIN = {"name": "ring", "licence": "GPL-3.0-or-later", "path": "/pictures/ring.png", "sha256": "0" * 64, "seed": "0"}
NOTHING = {
    "engine": "ring", "mesh": "", "solid": "", "form": None, "height": "", "mask": "", "notes": ["seen from the front, through its hole"], "credit": {"name": "ring"},
    "candidates": [], "quality": None, "after": None, "cost": "", "origin": ORIGIN,
}  # fmt: skip


def numbers(mesh, **more):
    """What the worker would measure of a closed mesh, as far as the panel shows it."""
    return {"pieces": 1, "closed": True, "open_edges": 0, "box_planes": 0.0, "known_box": True, "triangles": len(mesh.faces), "size_mm": [float(side) for side in mesh.size], **more}


def formed(params, folder, **more):
    """A ring of ours."""
    return NOTHING | {"form": FORM} | more


def relieved(params, folder):
    """A medallion with the picture as relief."""
    write_height(folder / "height.png", np.tile(np.linspace(0.0, 1.0, 64, dtype=np.float32), (64, 1)))
    write_height(folder / "mask.png", np.eye(64, dtype=np.float32))
    form = FORM | {"form": "medallion", "shape": "disc", "size": "", "width": 21.0, "thickness": None}
    return NOTHING | {"engine": "relief", "form": form, "height": "height.png", "mask": "mask.png"}


def meshed(raw, solid, **more):
    """An answer with a mesh as the engine gave it and the solid one."""

    def answer(params, folder):
        store.write_mesh(folder / "body.npz", raw)
        store.write_mesh(folder / "solid.npz", solid)
        before = numbers(raw, pieces=63, closed=False, open_edges=12, box_planes=0.095)
        return NOTHING | {"engine": "shap-e", "mesh": "body.npz", "solid": "solid.npz", "quality": before, "after": numbers(solid)} | more

    return answer
