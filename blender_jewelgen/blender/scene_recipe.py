"""The scene's settings as a recipe, and back. Words fill every field; one set by hand ("touched") goes before the words."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import bpy

from ..core.diffusion import DiffusionParams
from ..core.errors import BadInput
from ..core.form.params import FormParams, complete
from ..core.recipe import MakeParams, Recipe, Source
from ..core.relief.params import CraftParams, ReliefParams
from ..core.relief.stone import Stone
from ..core.words.design import Design, Motif
from ..core.words.text_line import TextLine
from . import addon, diffusion_state
from .settings import read, shown, typed, value_of, write

if TYPE_CHECKING:
    from ..core.words.lexicon import Reading

# Slots of a design that have a property in scene.jewelgen.design; the others are in form (form, shape, size, width) and relief (depth).
DESIGN_SLOTS = ("technique", "layout", "symmetry", "mirror", "repeats", "border", "ground", "metal", "finish", "period")
FORM_SLOTS = ("form", "shape", "size", "width")
_SILENT = ("filler", "negation", "text")
_DESIGN = {f.name: f for f in fields(Design)}
_FORM = {f.name: f for f in fields(FormParams)}
_RELIEF = {f.name: f for f in fields(ReliefParams)}
_CRAFT = {f.name: f for f in fields(CraftParams)}


def group_of(scene: bpy.types.Scene, slot: str) -> Any:
    """The property group that holds a slot of a design. Raises BadInput for one that none holds."""
    settings = scene.jewelgen
    for group, names in ((settings.form, (*FORM_SLOTS, *_FORM)), (settings.relief, _RELIEF), (settings.craft, _CRAFT), (settings.design, (*DESIGN_SLOTS, "motifs", "avoid", "texts"))):
        if slot in names:
            return group
    raise BadInput(f"{slot[:40]!r} is not a field of a design", field="slot")


def touched(group: Any) -> frozenset[str]:
    """Names of the fields set by hand."""
    return frozenset(filter(None, group.touched.split(",")))


def touch(group: Any, name: str, by_hand: bool = True) -> None:
    """Mark a field as set by hand, or give it back to the words."""
    names = set(touched(group)) - {name} | ({name} if by_hand else set())
    group.touched = ",".join(sorted(names))


def changed(group: Any, name: str) -> None:
    """What every property calls when its value changes: by the artist, unless we are writing ourselves."""
    scene = group.id_data
    if not scene.jewelgen.quiet:
        touch(group, name)
        reread(scene)


@contextlib.contextmanager
def quiet(scene: bpy.types.Scene) -> Iterator[None]:
    """Write settings without them counting as set by hand."""
    before = scene.jewelgen.quiet
    scene.jewelgen.quiet = True
    try:
        yield
    finally:
        scene.jewelgen.quiet = before


def reading_of(prompt: str) -> Reading:
    """What the words say; imports the tables when first asked."""
    from ..core.pattern import motifs
    from ..core.words.lexicon import explain

    return explain(prompt, lambda word: next(iter(motifs.candidates(word)), None), motifs.names())


def reread(scene: bpy.types.Scene) -> None:
    """Show what the words say: the chips, the motifs, and every field that is not set by hand."""
    settings = scene.jewelgen
    try:
        reading = reading_of(settings.prompt)
    except BadInput as error:
        settings.reread_error = str(error)
        return
    with quiet(scene):
        settings.reread_error = ""
        if "texts" not in touched(settings.design):
            fill(settings.texts, [values_of(line) for line in reading.lines])
        _show_fields(settings, _beside(reading.design, lines_of(settings, reading)))
        _show_motifs(settings, reading.design)
        _show_chips(settings, reading)


def _beside(design: Design, lines: tuple[TextLine, ...]) -> Design:
    from ..core.words.quotes import beside

    return beside(design, lines)


def values_of(params: Any) -> dict[str, Any]:
    """The parameters as the properties of their row hold them."""
    return {f.name: shown(f, getattr(params, f.name)) for f in fields(params)}


def lines_of(settings: Any, reading: Reading | None = None) -> tuple[TextLine, ...]:
    """The lines of text of the scene: those set by hand, else those that the words quote. A row without words is none."""
    if "texts" not in touched(settings.design):
        return (reading or reading_of(settings.prompt)).lines
    found = [read(row, TextLine, words=row.words.strip(), font=font_of(row.font)) for row in settings.texts]
    return tuple(line for line in found if line.words)


def font_of(name: str) -> str:
    """A font's name, or the whole path of its file."""
    return bpy.path.abspath(name) if name.startswith("//") else name.strip() or "auto"


def stones_of(settings: Any) -> tuple[Stone, ...]:
    """The stones of the scene."""
    return tuple(read(row, Stone) for row in settings.stones)


def put_lines(scene: bpy.types.Scene, rows: list[dict[str, Any]]) -> None:
    """Set the lines of text by hand; they go before the words."""
    with quiet(scene):
        fill(scene.jewelgen.texts, rows)
    touch(scene.jewelgen.design, "texts")
    reread(scene)


def _show_fields(settings: Any, design: Design) -> None:
    for slot in DESIGN_SLOTS:
        if slot not in touched(settings.design):
            _put(settings.design, slot, shown(_DESIGN[slot], getattr(design, slot)))
    if "avoid" not in touched(settings.design):
        _put(settings.design, "avoid", ", ".join(design.avoid))
    for slot in FORM_SLOTS:
        if slot not in touched(settings.form):
            value = getattr(design, slot)
            if slot in ("shape", "width") and "form" in touched(settings.form) and settings.form.form != design.form:
                value = None if slot == "width" else ""
            _put(settings.form, slot, shown(_FORM[slot], value))
    if "depth" not in touched(settings.relief):
        _put(settings.relief, "depth", design.depth or 0.0)


def _put(group: Any, name: str, value: Any) -> None:
    if getattr(group, name) != value:
        with contextlib.suppress(TypeError):  # a form the artist cannot choose here, such as "mesh"
            setattr(group, name, value)


def _show_motifs(settings: Any, design: Design) -> None:
    if "motifs" in touched(settings.design):
        return
    fill(settings.motifs, rows_of(design.motifs))


def rows_of(motifs: Iterable[Any]) -> list[dict[str, Any]]:
    """Motifs of a design, or rows of the scene's, as ``fill`` takes them."""
    return [{"name": motif.name, "weight": motif.weight, "cell": motif.cell} for motif in motifs]


def put_motifs(scene: bpy.types.Scene, rows: list[dict[str, Any]]) -> None:
    """Set the design's motifs by hand; they go before the words."""
    with quiet(scene):
        fill(scene.jewelgen.motifs, rows)
    touch(scene.jewelgen.design, "motifs")
    reread(scene)


def _show_chips(settings: Any, reading: Reading) -> None:
    by_hand = touched(settings.design) | (touched(settings.form) & set(FORM_SLOTS)) | (touched(settings.relief) & {"depth"})
    hidden = {*_SILENT, *by_hand, *(("motif",) if "motifs" in by_hand else ())}
    rows = [
        {"slot": chip.slot, "value": chip.value, "words": chip.words, "touched": False} for chip in reading.chips if chip.slot not in hidden
    ]
    rows += [{"slot": slot, "value": value_text(settings, slot), "words": "", "touched": True} for slot in sorted(by_hand - {"motifs", "texts"})]
    if "motifs" in by_hand:
        rows += [{"slot": "motif", "value": motif.name, "words": "", "touched": True} for motif in settings.motifs]
    fill(settings.chips, rows)


def value_text(settings: Any, slot: str) -> str:
    """The value of a field as text."""
    value = getattr(group_of(settings.id_data, slot), slot)
    return f"{value:g}" if isinstance(value, float) else str(value)


def fill(collection: Any, rows: list[dict[str, Any]]) -> None:
    """Make a collection of properties hold these rows, writing only what differs."""
    while len(collection) > len(rows):
        collection.remove(len(collection) - 1)
    for place, row in enumerate(rows):
        item = collection[place] if place < len(collection) else collection.add()
        for name, value in row.items():
            if getattr(item, name) != value:
                setattr(item, name, value)


def read_recipe(scene: bpy.types.Scene, seed: int | None = None) -> Recipe:
    """The recipe of the scene's settings, as the command line would read the same words and options. Raises BadInput."""
    settings = scene.jewelgen
    reading = _reading(settings)
    texts = lines_of(settings, reading)
    design = _design(settings, _beside(reading.design, texts))
    form = _form(settings, design)
    if settings.target == "SELECTED":
        form = replace(form, form="mesh")
    more: dict[str, Any] = {} if "depth" in touched(settings.relief) else {"depth": None}
    if "clear" not in touched(settings.relief):
        more["clear"] = _usual_clearance()
    make = read(settings.make, MakeParams, engine=diffusion_state.engine_of(settings.make.engine), **({} if seed is None else {"seed": seed}))
    diffusion = diffusion_state.params_of(settings.pictures) if diffusion_state.is_picture(make.engine) else DiffusionParams()
    return Recipe(
        design=replace(design, form=form.form), form=form, relief=read(settings.relief, ReliefParams, **more), craft=craft_of(settings), texts=texts,
        stones=stones_of(settings), make=make, diffusion=diffusion,
    )  # fmt: skip


def craft_of(settings: Any) -> CraftParams:
    """The craft of the scene; a sheet stays within its limits."""
    return read(settings.craft, CraftParams)


def _usual_clearance() -> float:
    """mm kept from gems where the artist has set nothing: the preferences' number."""
    return typed(addon.setting("clearance", _RELIEF["clear"].default))


def _reading(settings: Any) -> Reading:
    """What the words say; a picture needs none."""
    words = settings.prompt
    if settings.source == "PICTURE" and not words.strip():
        reading = reading_of("plain band")
        return replace(reading, design=replace(reading.design, prompt="", unknown=(), notes=(), motifs=()))
    return reading_of(words)


def _design(settings: Any, design: Design) -> Design:
    """The design of the words with what was set by hand."""
    own = settings.design
    by_hand = {name: value_of(_DESIGN[name], getattr(own, name)) for name in touched(own) & set(DESIGN_SLOTS)}
    if "motifs" in touched(own):
        by_hand["motifs"] = tuple(Motif(name=m.name, weight=round(m.weight, 6), cell=m.cell) for m in settings.motifs if m.name)
    if "avoid" in touched(own):
        by_hand["avoid"] = tuple(filter(None, (part.strip() for part in own.avoid.split(","))))
    return replace(design, **by_hand)


def _form(settings: Any, design: Design) -> FormParams:
    group = settings.form
    names = touched(group)
    values: dict[str, Any] = {slot: getattr(design, slot) for slot in FORM_SLOTS}
    if "form" in names and group.form != design.form:
        values |= {"shape": "", "width": None}
    if values["form"] == "mesh":
        values["form"] = "band"
    values |= {name: value_of(_FORM[name], getattr(group, name)) for name in _FORM if name in names}
    return FormParams(**values)


def write_recipe(scene: bpy.types.Scene, recipe: Recipe) -> None:
    """Set the scene so that ``read_recipe`` gives this recipe again. Files it starts from are loaded where they still are."""
    settings = scene.jewelgen
    design, form = recipe.design, recipe.form
    with quiet(scene):
        settings.prompt = design.prompt
        settings.target = "SELECTED" if form.form == "mesh" else "NEW"
        settings.source = "PICTURE" if recipe.height else "WORDS"
        if recipe.height:
            _load_picture(settings, recipe.height)
        for group in (settings.design, settings.form, settings.relief, settings.craft):
            group.touched = ""
        write(settings.make, recipe.make)
        if diffusion_state.is_picture(recipe.make.engine):  # what the panel says is left for the next picture model
            diffusion_state.put_params(settings.pictures, recipe.diffusion)
        write(settings.relief, recipe.relief)
        write(settings.craft, recipe.craft)
        for name in _CRAFT:
            if getattr(recipe.craft, name) != _CRAFT[name].default:
                touch(settings.craft, name)
        reading = _reading(settings)
        fill(settings.texts, [values_of(line) for line in recipe.texts])
        if recipe.texts != reading.lines:
            touch(settings.design, "texts")
        fill(settings.stones, [values_of(stone) for stone in recipe.stones])
        if recipe.relief.clear != _usual_clearance():
            touch(settings.relief, "clear")
        read_now = _design(settings, _beside(reading.design, recipe.texts))
        for slot in DESIGN_SLOTS:
            if getattr(design, slot) != getattr(read_now, slot):
                setattr(settings.design, slot, shown(_DESIGN[slot], getattr(design, slot)))
                touch(settings.design, slot)
        if design.motifs != read_now.motifs:
            fill(settings.motifs, rows_of(design.motifs))
            touch(settings.design, "motifs")
        if design.avoid != read_now.avoid:
            settings.design.avoid = ", ".join(design.avoid)
            touch(settings.design, "avoid")
        _write_form(settings, form, read_now)
        depth = recipe.relief.depth or (design.depth if design.depth != read_now.depth else None)
        if depth:
            settings.relief.depth = depth
            touch(settings.relief, "depth")
    reread(scene)


def _write_form(settings: Any, form: FormParams, said: Design) -> None:
    group = settings.form
    if form.form not in (said.form, "mesh"):
        group.form = form.form
        touch(group, "form")
    expected = _form(settings, said)
    form = _asked(form, expected)
    for name, f in _FORM.items():
        value = getattr(form, name)
        if name != "form":
            setattr(group, name, shown(f, value))
            if value != getattr(expected, name):
                touch(group, name)


def _asked(form: FormParams, said: FormParams) -> FormParams:
    """A form whose defaults were filled in, as it was asked for: a measure that the others give is left to the program again."""
    try:
        if form.form != said.form or complete(form) != form:
            return form
        asked = said
        for name in ("shape", "size", "width", "length", "thickness", "margin", "hole", "gap"):
            if getattr(complete(asked), name) != getattr(form, name):
                asked = replace(asked, **{name: getattr(form, name)})
        return asked if complete(asked) == form else form
    except BadInput:
        return form


def _load_picture(settings: Any, source: Source) -> None:
    """The picture a recipe names, if it is still there; else the one that is chosen stays."""
    with contextlib.suppress(RuntimeError):
        settings.picture = bpy.data.images.load(source.path, check_existing=True)
    settings.picture_method = source.method
