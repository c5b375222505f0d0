"""Random pieces and what must be true of every one of them; used by test_fuzz.py and scripts/fuzz.py."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

import numpy as np

from blender_jewelgen.core import pipeline
from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.form.params import FormParams
from blender_jewelgen.core.form.plate import Plate
from blender_jewelgen.core.form.turned import Turned
from blender_jewelgen.core.library import table
from blender_jewelgen.core.mesh.closed import bodies, edges
from blender_jewelgen.core.mesh.intersect import self_intersections
from blender_jewelgen.core.mesh.weight import limits
from blender_jewelgen.core.pattern import motifs
from blender_jewelgen.core.pattern.manner import SUNK
from blender_jewelgen.core.recipe import PROCESSES, MakeParams, Recipe
from blender_jewelgen.core.relief.crafts import SHEETS
from blender_jewelgen.core.relief.params import DENSITIES, WIRE_KINDS, CraftParams, ReliefParams
from blender_jewelgen.core.relief.stone import CUTS, Stone
from blender_jewelgen.core.units import inner_diameter
from blender_jewelgen.core.words import keys
from blender_jewelgen.core.words.design import Design, Motif
from blender_jewelgen.core.words.text_line import TextLine
from blender_jewelgen.engines.registry import ask

WIDTHS = {"band": (2.5, 12.0), "bangle": (4.0, 20.0), "cuff": (5.0, 30.0), "bead": (6.0, 18.0), "signet": (9.0, 16.0), "pendant": (12.0, 34.0),
          "medallion": (15.0, 40.0), "earrings": (8.0, 24.0), "plaque": (15.0, 45.0),
          "link": (9.0, 24.0)}  # fmt: skip
ROUND = ("toroidal", "cylindrical", "spherical", "planar", "triplanar")
TEXTS = ("LOVE", "Anna & Luis", "MMXXVI", "永结同心", "福", "Ave Maria", "A B", "龙")
STRANDS = {"round": 1.0, "flattened": 1.0, "twisted": 0.6, "beaded": 0.66}  # least thickness of a wire, in gauges
SKIN = 1e-4  # mm; float32 coordinates of a bangle are exact to a tenth of this
COARSE = {"cuff": 0.3, "bangle": 0.3, "medallion": 0.24, "plaque": 0.24, "pendant": 0.2, "earrings": 0.2}  # mm between vertices; saves time


def recipe_of(seed: int) -> Recipe:
    """A piece drawn by chance: any form with any ornament, in lengths that a goldsmith would accept or nearly so."""
    rng = np.random.default_rng(seed)

    def one(values: Any) -> Any:
        return values[int(rng.integers(len(values)))]

    def maybe(share: float, value: Any, other: Any = None) -> Any:
        return value if rng.random() < share else other

    def between(low: float, high: float) -> float:
        return round(float(rng.uniform(low, high)), 3)

    form = one(list(table("forms")["forms"]))
    wrist = form in ("bangle", "cuff")
    sizes = [f"{between(48, 72)} mm"] if wrist else ["US 3", "US 7½", "US 13", "EU 47", "EU 62", "UK J", "UK T½", "JP 8", "JP 21", f"{between(14, 23)} mm"]
    names = (*keys.FAMILIES, *keys.CELLS)
    library = motifs.names()
    chosen = tuple(
        Motif(name=one(names) if rng.random() < 0.65 else one(library), weight=between(0.3, 3.0)) for _ in range(int(rng.integers(1, 4)))
    )
    small = form in ("band", "bead", "earrings")
    recipe = Recipe(
        design=Design(
            form=form, technique=one(keys.TECHNIQUES), motifs=maybe(0.95, chosen, ()), layout=one(keys.LAYOUTS), border=one(keys.BORDERS),
            ground=one(keys.GROUNDS), metal=one(keys.METALS), symmetry=maybe(0.3, int(rng.integers(1, 14)), 0), mirror=bool(rng.random() < 0.2),
            repeats=maybe(0.3, int(rng.integers(1, 30)), 0), period=maybe(0.1, "tang", ""),
        ),
        form=FormParams(
            form=form, shape=one(table("forms")["forms"][form]["shapes"]), size=one(sizes) if form in ("band", "signet") or wrist else "",
            width=maybe(0.7, between(*WIDTHS[form])), thickness=maybe(0.4, between(1.0, 3.0)), margin=maybe(0.3, between(0.0, 0.7)),
            hole=between(1.0, 2.6) if form == "bead" else 2.0, gap=between(15.0, 34.0) if form == "cuff" else 26.0,
        ),
        relief=ReliefParams(
            depth=maybe(0.5, between(0.05, 1.6)), mapping=maybe(0.2, one(ROUND), "auto"), fade=maybe(0.6, 0.25, between(0.0, 1.0)),
            density=maybe(0.08 if small else 0.0, "print", "preview"), tolerance=maybe(0.5, 0.008, between(0.0, 0.03)),
            pixels=between(6.0, 14.0), draft=maybe(0.7, 0.22, between(0.0, 0.6)),
        ),
        make=MakeParams(seed=int(rng.integers(1 << 31)), process=one(PROCESSES), manufacture=maybe(0.2, one(PROCESSES), "")),
    )  # fmt: skip
    if form == "signet" and recipe.design.technique == "openwork":  # a solid head is not pierced
        recipe = replace(recipe, design=replace(recipe.design, technique="relief"))
    sheet = recipe.design.technique in SHEETS and form != "signet" and rng.random() < 0.5
    craft = CraftParams(
        sheet=between(0.3, 0.9) if sheet else None, back=one(("follow", "soft")), rim=maybe(0.4, between(0.5, 1.5), 0.0), backing=bool(rng.random() < 0.3),
        wire=between(0.3, 0.8), wire_kind=one(WIRE_KINDS), frame=between(0.6, 1.4), fill=one(("pattern", "scrolls")), web=between(0.35, 0.9),
        opening=between(0.3, 0.7), granule=between(0.4, 1.0), sink=between(0.1, 0.5),
    )  # fmt: skip
    if recipe.design.technique in SUNK and recipe.form.thickness is not None:  # who cuts takes metal that can be cut
        recipe = replace(recipe, form=replace(recipe.form, thickness=recipe.form.thickness + 0.8))
    if form == "bead" or (recipe.form.thickness or 2.0) < 2.0:  # nor is there room for a second sheet
        craft = replace(craft, backing=False)
    styles = ("raised", "engraved") if sheet or form == "signet" or recipe.design.technique in ("filigree", "granulation") else ("raised", "engraved", "pierced")
    lines = tuple(
        TextLine(words=one(TEXTS), style=one(styles), font="auto", side="inside" if recipe.design.technique == "relief" and form in ("band", "bangle", "cuff") and not sheet and rng.random() < 0.2 else "outside")
        for _ in range(int(rng.integers(1, 3)))
    )  # fmt: skip
    stones = tuple(Stone(cut=one(CUTS), size=between(1.2, 3.0), u=between(0.3, 0.7), v=between(0.4, 0.6)) for _ in range(1))
    return replace(recipe, craft=craft, texts=maybe(0.2, lines, ()), stones=maybe(0.08, stones, ()))


@dataclass(frozen=True)
class Outcome:
    """One piece: its seed, "made", "refused" or "failed", and what was said or what is wrong."""

    seed: int
    state: str
    wrong: tuple[str, ...] = ()
    form: str = ""


def attempt(seed: int) -> Outcome:
    """Make a random piece and judge it; never raises."""
    form = ""
    try:
        recipe = recipe_of(seed)
        form = recipe.form.form
        with patch.dict(DENSITIES, {"preview": COARSE.get(form, 0.15) if seed % 8 else DENSITIES["preview"]}):
            shaped = pipeline.shape(recipe, ask, quiet)
            piece = pipeline.make(shaped, quiet)
            wrong = judge(shaped, piece)
    except BadInput as error:
        return Outcome(seed, "refused", (str(error),), form)
    except Exception:  # a fuzz must tell of every failure and go on
        return Outcome(seed, "failed", (traceback.format_exc(limit=-4),), form)
    return Outcome(seed, "failed" if wrong else "made", wrong, form)


def quiet(share: float, text: str) -> None:
    """Progress that nobody hears."""


def judge(shaped: pipeline.Shaped, piece: pipeline.Piece) -> tuple[str, ...]:
    """What is wrong with a piece: closed, outward, bodies, self-intersections, extents, wall, finger."""
    report, host = piece.report, shaped.host
    wrong = [f"{c.name}: {c.value}" for c in report.checks if c.name in ("closed", "outward", "bodies", "self-intersections") and c.ok is not True]
    if piece.shaped.recipe.make.manufacture:
        wrong += [f"manufactured {what}" for what in _unsound(piece.mesh, 2 if report.form == "earrings" else 1)]
    if not np.isfinite(piece.mesh.vertices).all():
        wrong.append("coordinates are not finite")
    if not 0.0 <= float(shaped.raised.relief.min()) <= float(shaped.raised.relief.max()) <= 1.0 + 1e-6:
        wrong.append("relief leaves 0..1")
    reduced = 2e-3 + (2.0 * shaped.recipe.relief.tolerance if shaped.recipe.relief.density == "print" else 0.0)  # a union moves seams by 1 µm
    larger = np.abs(np.subtract(report.size_mm, shaped.mesh.size)).max()
    if larger > reduced + SKIN:
        wrong.append(f"the print mesh is {larger:.4f} mm larger or smaller than the dense one")
    wrong += _craft(shaped, report.craft)
    if shaped.work.kind != "solid" or shaped.settled is not None:
        return (*wrong, *_finger(shaped, piece))
    own = _turned(shaped, host) if isinstance(host, Turned) else _plate(shaped, host)  # type: ignore[arg-type]
    return (*wrong, *own)


def _craft(shaped: pipeline.Shaped, facts: dict[str, Any]) -> list[str]:
    """What a craft promises of its metal: the sheet's thickness, the wires' gauge, the bars' width."""
    kind, craft, wrong = shaped.work.kind, shaped.recipe.craft, []
    if kind == "sheet" and craft.back == "follow" and facts["thickness_min_mm"] < 0.9 * craft.sheet:  # a preview misses 2 % between its vertices
        wrong.append(f"the sheet is {facts['thickness_min_mm']:.4f} mm thin, wanted {craft.sheet:g}")
    narrow = shaped.worked.detail_mm if shaped.worked else None
    wanted = {"filigree": craft.wire * STRANDS[craft.wire_kind], "openwork": craft.web}.get(kind)
    if wanted and narrow is not None and narrow < 0.97 * wanted:
        wrong.append(f"{kind} is {narrow:.3f} mm narrow, wanted {wanted:g}")
    return wrong


def _finger(shaped: pipeline.Shaped, piece: pipeline.Piece) -> list[str]:
    """The finger's hole is as wide as was asked for, whatever the craft; ornament inside is cut, never raised."""
    inner = getattr(shaped.host, "inner_diameter", None)
    if not inner:
        return []
    middle = piece.shaped.mesh.vertices
    found = 2.0 * float(np.hypot(middle[:, 0], middle[:, 1]).min())
    wider = np.inf if shaped.recipe.form.form == "bead" else 5e-2 if shaped.work.kind == "sheet" else 2e-2  # the end rings of a bead of wire may stand wider
    return [f"inner diameter {found:.4f} mm, wanted {inner:.4f} mm"] if not -3e-2 <= found - inner <= wider else []


def _unsound(mesh: Any, expected: int) -> list[str]:
    joined = edges(mesh.faces, len(mesh.vertices))
    count, _ = bodies(mesh.faces, len(mesh.vertices))
    crossings = len(self_intersections(mesh, limit=10))
    found = {"not closed": not joined.sound, "volume below 0": mesh.volume <= 0, f"{count} bodies": count != expected, f"{crossings} crossings": crossings > 0}
    return [what for what, is_wrong in found.items() if is_wrong]


def _turned(shaped: pipeline.Shaped, host: Turned) -> list[str]:
    raised, depth, form = shaped.raised, shaped.depth, shaped.recipe.form
    far = np.hypot(raised.vertices[:, 0], raised.vertices[:, 1])
    wrong = []
    if far.max() > host.outer[:, 0].max() + max(depth, 0.0) + SKIN:
        wrong.append(f"radius {far.max():.4f} mm goes beyond the base by more than the depth {depth:.3f} mm")
    if np.abs(raised.vertices[:, 2]).max() > host.outer[:, 1].max() + max(depth, 0.0) + SKIN:
        wrong.append("wider than base and depth")
    finger = form.hole if form.form == "bead" else inner_diameter(form.size)
    lettered = any(line.side == "inside" for line in shaped.recipe.texts)  # letters all round may cut every vertex of the narrowest ring
    if not -2 * SKIN <= 2.0 * far.min() - finger <= (2e-3 if lettered else 2 * SKIN):
        wrong.append(f"inner diameter {2 * far.min():.5f} mm, wanted {finger:.5f} mm")
    if depth < 0:
        inner = np.stack([np.interp(np.linspace(0, 1, 2001), np.linspace(0, 1, len(host.inner)), host.inner[:, k]) for k in range(2)], 1)
        outside = np.stack([far, raised.vertices[:, 2]], 1)[: len(raised.vertices) - len(host.inner) * _columns(shaped, host)]
        cut = outside[raised.relief[: len(outside)] < 0.999] if (raised.relief > 0).any() else outside[:0]
        start, end = host.along(np.array(host.zone))[1]
        cut = cut[(cut[:, 1] > start) & (cut[:, 1] < end)]
        if host.periodic and len(cut):
            cut = cut[np.argsort(cut[:, 0])[:4000]]
            thin = float(np.sqrt(((cut[:, None] - inner[None, ::8]) ** 2).sum(2)).min())
            wall = limits(shaped.recipe.make.process).min_wall_mm or 0.0
            if thin < wall - 0.02:
                wrong.append(f"engraving leaves {thin:.3f} mm, the process needs {wall:g} mm")
    return wrong


def _columns(shaped: pipeline.Shaped, host: Turned) -> int:
    from blender_jewelgen.core.relief import solid
    from blender_jewelgen.core.relief.lift import spacing_of

    return len(solid.grid(host, spacing_of(shaped.recipe.relief, max(host.ornament)), shaped.recipe.relief.fade).angle)


def _plate(shaped: pipeline.Shaped, host: Plate) -> list[str]:
    raised, depth = shaped.raised, shaped.depth
    wrong = []
    short = np.subtract(host.size, raised.size[:2])
    if short.min() < -SKIN or short.max() > 6.0 * DENSITIES["preview"]:  # a sharp point of the outline ends between two vertices
        wrong.append(f"the plate is {raised.size[:2]} mm, its outline {host.size} mm")
    low, high = float(raised.vertices[:, 2].min()), float(raised.vertices[:, 2].max())
    if low < -SKIN or high > host.thickness + host.dome + max(depth, 0.0) + SKIN:
        wrong.append(f"from {low:.4f} to {high:.4f} mm; base and depth give 0 to {host.thickness + host.dome + max(depth, 0.0):.4f} mm")
    if depth < 0:
        half = len(raised.vertices) // 2
        front, back = raised.vertices[:half], raised.vertices[half:]
        middle = back[:, 2] < 0.01
        wall = limits(shaped.recipe.make.process).min_wall_mm or 0.0
        metal = float((front[middle, 2] - back[middle, 2]).min(initial=np.inf)) + (shaped.recipe.form.thickness or 0.0) - host.thickness
        if metal < wall - 0.02:
            wrong.append(f"engraving leaves {metal:.3f} mm, the process needs {wall:g} mm")
    if host.inner_diameter:
        whole = shaped.mesh.vertices
        inside = 2.0 * float(np.hypot(whole[:, 0], whole[:, 1]).min())
        if abs(inside - host.inner_diameter) > 2e-3:
            wrong.append(f"inner diameter {inside:.4f} mm, wanted {host.inner_diameter:.4f} mm")
    return wrong
