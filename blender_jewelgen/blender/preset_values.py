"""Settings as a plain table of paths and values: what a preset holds, what it would change, how it is written and applied."""

from __future__ import annotations

import ast
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import bpy

from ..core.errors import BadInput
from ..core.form.params import FormParams
from ..core.relief.params import CraftParams
from ..core.relief.stone import Stone
from ..core.words.design import Design
from ..core.words.text_line import TextLine
from . import scene_recipe
from .settings import AUTOMATIC, shown
from .translations import named

Values = dict[str, Any]  # "prompt", "form.width", "design.touched" …; "motifs" is a list of (name, weight, drawing), "texts" and "stones" of their values

GROUPS = ("form", "design", "relief", "craft")
ROWS: dict[str, type] = {"texts": TextLine, "stones": Stone}
MAKE = ("process", "manufacture")
_LONGEST = 100_000  # characters; a preset has about two thousand, and five thousand for each motif with a drawing of its own


@dataclass(frozen=True)
class Change:
    """One field that a preset would change, as shown on the screen."""

    label: str
    before: str
    after: str


def current(scene: bpy.types.Scene) -> Values:
    """Every setting of the scene that a preset keeps; the seed is not one of them."""
    settings = scene.jewelgen
    values: Values = {"prompt": settings.prompt}
    for group in GROUPS:
        held = getattr(settings, group)
        values |= {f"{group}.{name}": getattr(held, name) for name in _names(held)}
    values |= {f"make.{name}": getattr(settings.make, name) for name in MAKE}
    values["motifs"] = [(motif.name, round(motif.weight, 6), motif.cell) for motif in settings.motifs]
    for name, cls in ROWS.items():
        values[name] = [tuple(_plain(getattr(row, f.name)) for f in fields(cls)) for row in getattr(settings, name)]
    return values


def of_words(prompt: str) -> Values:
    """What a prompt alone sets: its own fields, and everything that says what the piece is back to automatic. Raises BadInput.

    What is written on the piece, and its stones, are not the preset's and stay.
    """
    design = scene_recipe.reading_of(prompt).design
    kinds = {f.name: f for f in fields(Design)}
    values: Values = {"prompt": prompt}
    for f in fields(FormParams):
        said = getattr(design, f.name) if f.name in scene_recipe.FORM_SLOTS else f.default
        values[f"form.{f.name}"] = shown(f, said)
    values["motifs"] = [(motif.name, motif.weight, motif.cell) for motif in design.motifs]
    values |= {f"design.{slot}": shown(kinds[slot], getattr(design, slot)) for slot in scene_recipe.DESIGN_SLOTS}
    values["design.avoid"] = ", ".join(design.avoid)
    values["relief.depth"] = design.depth or 0.0
    values |= {f"craft.{f.name}": shown(f, f.default) for f in fields(CraftParams)}
    values |= {f"{group}.touched": "" for group in ("form", "design", "craft")}
    return values


def changes(scene: bpy.types.Scene, then: Values) -> list[Change]:
    """What applying ``then`` would change, in the order of the panels."""
    now = current(scene)
    found = []
    for path, after in then.items():
        before = now.get(path)
        if path.endswith(".touched") or _same(before, after):
            continue
        if path == "motifs":
            found.append(Change("Motifs", _motifs(before), _motifs(after)))
            continue
        if path in ROWS:
            found.append(Change("Lettering" if path == "texts" else "Stones", _rows(path, before), _rows(path, after)))
            continue
        prop = _property(scene, path)
        if prop:
            found.append(Change(prop.name, _text(prop, before), _text(prop, after)))
    return found


def apply(scene: bpy.types.Scene, then: Values) -> None:
    """Set the scene to these values. Values a property refuses are left out: a preset may come from another version."""
    settings = scene.jewelgen
    by_hand = "texts" in scene_recipe.touched(settings.design)
    with scene_recipe.quiet(scene):
        for path, value in then.items():
            if path != "motifs" and path not in ROWS and _property(scene, path):
                group, _, name = path.rpartition(".")
                try:
                    setattr(getattr(settings, group) if group else settings, name, value)
                except (TypeError, ValueError):
                    continue
        scene_recipe.fill(settings.motifs, [{"name": name, "weight": weight, "cell": cell} for name, weight, cell in then.get("motifs", ())])
        for path, cls in ROWS.items():
            if path in then:
                scene_recipe.fill(getattr(settings, path), [dict(zip((f.name for f in fields(cls)), row)) for row in then[path]])
        if by_hand and "texts" not in then:
            scene_recipe.touch(settings.design, "texts")
    scene_recipe.reread(scene)


def write_file(path: Path, values: Values) -> None:
    """A preset in Blender's own way: a script that sets the values; ``quiet`` keeps them from counting as set by hand one by one."""
    lines = ["import bpy", "jewelgen = bpy.context.scene.jewelgen", "", "jewelgen.quiet = True"]
    lines += [f"jewelgen.{name} = {_literal(value)}" for name, value in values.items() if name not in ("prompt", "motifs", *ROWS)]
    lines.append("jewelgen.motifs.clear()")
    for name, weight, cell in values.get("motifs", ()):
        lines += ["item = jewelgen.motifs.add()", f"item.name = {name!r}", f"item.weight = {weight!r}"]
        lines += [f"item.cell = {cell!r}"] if cell else []
    for kind, cls in ROWS.items():
        lines.append(f"jewelgen.{kind}.clear()")
        for row in values.get(kind, ()):
            lines.append(f"item = jewelgen.{kind}.add()")
            lines += [f"item.{f.name} = {value!r}" for f, value in zip(fields(cls), row)]
    lines += ["jewelgen.quiet = False", f"jewelgen.prompt = {values.get('prompt', '')!r}", ""]
    path.write_text("\n".join(lines), encoding="utf-8")


def read_file(path: Path) -> Values:
    """The values of a preset's file; it is read, not run. Raises BadInput for a file that is none of ours."""
    try:
        with open(path, encoding="utf-8") as file:
            tree = ast.parse(file.read(_LONGEST))
    except (OSError, SyntaxError, ValueError) as error:
        raise BadInput(f"the preset {path.stem} cannot be read", field="preset") from error
    values: Values = {}
    rows: dict[str, list[dict[str, Any]]] = {"motifs": [], **{name: [] for name in ROWS}}
    item: dict[str, Any] = {}
    for step in tree.body:
        said = ast.unparse(step)
        if isinstance(step, ast.Assign) and isinstance(step.targets[0], ast.Attribute):
            _assign(ast.unparse(step.targets[0]), step.value, values, item)
        elif said.startswith("item = jewelgen.") and (name := said[16:].removesuffix(".add()")) in rows:
            rows[name].append(item := {})
    if "prompt" not in values:
        raise BadInput(f"the preset {path.stem} holds no settings of JewelGen", field="preset")
    made = [(str(row.get("name", "")), float(row.get("weight", 1.0)), str(row.get("cell", ""))) for row in rows["motifs"]]
    cleared = {ast.unparse(step) for step in tree.body if isinstance(step, ast.Expr)}  # an older preset says nothing of text and stones
    known = {kind: cls for kind, cls in ROWS.items() if f"jewelgen.{kind}.clear()" in cleared}
    more = {kind: [tuple(row.get(f.name, shown(f, f.default)) for f in fields(cls)) for row in rows[kind]] for kind, cls in known.items()}
    return {"prompt": values.pop("prompt"), **values, "motifs": made, **more}


def _assign(target: str, value: ast.expr, values: Values, item: dict[str, Any]) -> None:
    try:
        found = ast.literal_eval(value)
    except ValueError:
        return
    owner, _, name = target.partition(".")
    if owner == "jewelgen" and name != "quiet":
        values[name] = found
    elif owner == "item":
        item[name] = found


def _names(group: Any) -> list[str]:
    return [p.identifier for p in group.bl_rna.properties if p.identifier not in ("rna_type", "name") and p.type in ("STRING", "ENUM", "FLOAT", "INT", "BOOLEAN") and not p.is_skip_save]


def _property(scene: bpy.types.Scene, path: str) -> Any:
    """The RNA of a setting; None where this version has no such setting."""
    group, _, name = path.rpartition(".")
    if group not in ("", "make", *GROUPS):
        return None
    held = getattr(scene.jewelgen, group) if group else scene.jewelgen
    return held.bl_rna.properties.get(name)


def _same(before: Any, after: Any) -> bool:
    if isinstance(before, float) and isinstance(after, (int, float)):
        return abs(before - after) < 1e-5
    return bool(before == after)


def _text(prop: Any, value: Any) -> str:
    if prop.type == "ENUM":
        item = prop.enum_items.get(str(value))
        return item.name if item else str(value)
    if prop.type == "BOOLEAN":
        return "On" if value else "Off"
    if prop.type == "FLOAT":
        return "Automatic" if AUTOMATIC in prop.description and value <= prop.hard_min else f"{value:g}"
    if not value:
        return "Automatic" if prop.type == "INT" or prop.identifier in ("shape", "size") else "None"
    return named(value) if prop.identifier in ("shape", "period") else str(value)


def _motifs(rows: Any) -> str:
    names = [named(name) if weight == 1.0 else f"{named(name)} × {weight:g}" for name, weight, _ in rows or ()]
    return ", ".join(names) or "None"


def _rows(path: str, rows: Any) -> str:
    if path == "stones":
        return f"{len(rows or ())}"
    return ", ".join(str(row[0]) for row in rows or () if row[0]) or "None"


def _plain(value: Any) -> Any:
    return round(value, 6) if isinstance(value, float) else value


def _literal(value: Any) -> str:
    return repr(_plain(value))
