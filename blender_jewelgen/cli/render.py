"""``render``: pictures of recipes, one after another in one Blender; goes on after a piece that fails, and where it was stopped."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import BadInput, JewelGenError
from ..core.recipe import Recipe
from ..core.words.keys import FINISHES
from . import options as opt
from .batch import SHEET, Job, Shelf, facts_in, jobs_of, key_of, shelf, sign
from .drawing import drawing
from .interrupts import Stopped
from .piece import recalled, sources
from .progress import Progress
from .say import json_text
from .typed import known_metal

if TYPE_CHECKING:
    from ..core.pipeline import Ask, Shaped
    from ..core.report import Report
    from .studio import Photographer

_SIZE = {"still": 768, "turntable": 512, "sheet": 512}  # px
_TURN = 6.0  # s, once round


@dataclass(frozen=True)
class Shot:
    """A picture as it is asked for."""

    job: Job
    number: int
    recipe: Recipe
    key: str
    turning: bool

    @property
    def first(self) -> str:
        """The picture that holds the facts, beneath the folder of pictures."""
        return f"{self.job.name}-turn/turn-001.png" if self.turning else f"{self.job.name}.png"


class Batch:
    """One run of the verb: what is done, was done before, and failed."""

    def __init__(self, options: argparse.Namespace, place: Shelf, tell: Progress) -> None:
        self.options, self.place, self.tell = options, place, tell
        self.size = options.size or _SIZE[options.kind]
        self.frames = options.frames if options.kind == "turntable" else 1
        self.facts: dict[str, dict[str, Any]] = {}
        self.skipped: list[str] = []
        self.failed: dict[str, str] = {}
        self.count = 0

    def run(self, jobs: list[Job], ask: Ask, camera: Photographer) -> None:
        """Take all pictures; while one is taken, the next piece is made."""
        waiting: tuple[Shot, dict[str, Any]] | None = None
        self.count = len(jobs)
        for number, job in enumerate(jobs):
            try:
                shot = self._shot(job, number)
                if self._is_there(shot):
                    continue
                piece, facts = self._make(shot, ask)
                if waiting:
                    ready, waiting = waiting, None
                    self._finish(*ready, camera)
                self._begin(shot, piece, camera)
                waiting = shot, facts
            except JewelGenError as error:
                self._fail(job, error)
        if waiting:
            self._finish(*waiting, camera)

    def _shot(self, job: Job, number: int) -> Shot:
        recipe = recalled(job.recipe)
        typed = {name: value for name in ("metal", "finish") if (value := getattr(self.options, name)) is not None}
        recipe = replace(recipe, design=replace(recipe.design, **typed))
        known_metal(recipe.design.metal)
        turning = self.options.kind == "turntable"
        return Shot(job, number, recipe, key_of(recipe.to_json(), self.size, self.options.samples, self.frames, turning), turning)

    def _is_there(self, shot: Shot) -> bool:
        """Whether the very picture was taken before."""
        facts = None if self.options.force else facts_in(self.place.out / shot.first)
        if not facts or facts.get("key") != shot.key or (shot.turning and not self._film(shot).exists()):
            return False
        self.facts[shot.job.name] = facts
        self.skipped.append(shot.job.name)
        return True

    def _make(self, shot: Shot, ask: Ask) -> tuple[Shaped, dict[str, Any]]:
        """The piece to be looked at, and its facts."""
        from ..core import pipeline

        def tell(share: float, text: str) -> None:
            self.tell(max(0, shot.number - 1) / self.count, f"{shot.job.name}: {text}")  # the one before is still being taken

        first = self.place.out / shot.first
        self.place.refuse_if_foreign(first.parent if shot.turning else first, self._film(shot) if shot.turning and not first.exists() else first)
        picture, mesh, _notes = sources(shot.recipe)
        shaped = pipeline.shape(shot.recipe, ask, tell, picture, mesh)
        report = pipeline.make(shaped, tell).report
        return shaped, {"key": shot.key, "name": shot.job.name, **_facts(shaped.recipe, report)}

    def _begin(self, shot: Shot, piece: Shaped, camera: Photographer) -> None:
        from .studio import look_of

        folder = self.place.work / f"{shot.job.name}-turn" if shot.turning else self.place.work
        folder.mkdir(exist_ok=True)
        output = folder / "turn.png" if shot.turning else folder / f"{shot.job.name}.png"
        camera.begin(piece.mesh, look_of(shot.recipe), output, self.size, piece.gems, samples=self.options.samples, frames=self.frames)

    def _finish(self, shot: Shot, facts: dict[str, Any], camera: Photographer) -> None:
        """Wait for a picture and put it in its place."""
        name = shot.job.name
        try:
            camera.wait(lambda share, text: self.tell((shot.number + share) / self.count, f"{name}: {text}"))
            sign(self.place.work / shot.first, facts)
            if shot.turning:
                from .sheet import moving

                frames = sorted((self.place.work / f"{name}-turn").iterdir())
                moving(self.place.work / self._film(shot).name, frames, _TURN)
                self.place.put(f"{name}-turn", self._film(shot).name)
            else:
                self.place.put(f"{name}.png")
            self.facts[name] = facts
        except JewelGenError as error:
            self._fail(shot.job, error)

    def _film(self, shot: Shot) -> Path:
        from .sheet import kind_of_moving

        return self.place.out / f"{shot.job.name}{kind_of_moving()}"

    def _fail(self, job: Job, error: JewelGenError) -> None:
        self.failed[job.name] = str(error)
        self.tell.clear()
        print(f"jewelgen: {job.name}: {error}", file=sys.stderr)

    def sheet(self, jobs: list[Job]) -> Path | None:
        """Put all pictures that are there on one sheet."""
        from .sheet import contact_sheet, label_of

        shown = [job.name for job in jobs if job.name in self.facts]
        if not shown:
            return None
        columns = min(self.options.columns, len(shown))
        labels = [label_of(self.facts[name] | {"name": name}) for name in shown]
        self.place.refuse_if_foreign(self.place.out / f"{SHEET}.png")
        contact_sheet(self.place.work / f"{SHEET}.png", [self.place.out / f"{name}.png" for name in shown], labels, columns, self.size)
        sign(self.place.work / f"{SHEET}.png", {"pieces": shown})
        self.place.put(f"{SHEET}.png")
        return self.place.out / f"{SHEET}.png"


def render(options: argparse.Namespace) -> int:
    """``render RECIPE...``: stills, turntables or a contact sheet."""
    from .studio import Photographer

    for name, low, high, unit in (("size", 64, 4096, " px"), ("samples", 1, 4096, ""), ("frames", 2, 360, ""), ("columns", 1, 40, "")):
        if getattr(options, name) is not None:
            opt.within(name, getattr(options, name), low, high, unit)
    if options.metal is not None:
        known_metal(options.metal)
    if options.finish is not None:
        opt.one_of("finish", options.finish, FINISHES)
    jobs, sheet = jobs_of(options.recipe), None
    with Progress(options.quiet, options.setting.stream(options.json)) as tell, shelf(options.out, options.force) as place:
        batch = Batch(options, place, tell)
        try:
            with drawing(options.worker) as ask, Photographer(options.setting.camera) as camera:
                batch.run(jobs, ask, camera)
            if options.kind == "sheet":
                sheet = batch.sheet(jobs)
        except KeyboardInterrupt:
            raise Stopped(f"{len(batch.facts)} of {len(jobs)} pieces are done; the same command goes on from there") from None
    _say(options, batch, jobs, sheet)
    if batch.failed:
        raise BadInput(f"{len(batch.failed)} of {len(jobs)} pieces failed: {', '.join(batch.failed)}", field="recipe")
    return 0


def _facts(recipe: Recipe, report: Report) -> dict[str, Any]:
    """What a label says of a piece."""
    finger = report.inner_diameter_mm and report.form in ("band", "signet")
    size = recipe.form.size if finger else " x ".join(f"{v:.1f}" for v in report.size_mm) + " mm"
    return {"metal": report.metal, "weight_g": report.weight_g, "size": size, "form": report.form}


def _say(options: argparse.Namespace, batch: Batch, jobs: list[Job], sheet: Path | None) -> None:
    done = [job.name for job in jobs if job.name in batch.facts]
    if options.json:
        pieces = {name: batch.facts[name] for name in done}
        print(json_text({"out": str(options.out), "pieces": pieces, "skipped": batch.skipped, "failed": batch.failed, "sheet": sheet and str(sheet)}))
        return
    before = f", {len(batch.skipped)} of them there before" if batch.skipped else ""
    print(f"{options.kind} of {len(done)} {'piece' if len(done) == 1 else 'pieces'}{before}, in {sheet or options.out}")
