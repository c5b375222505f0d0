"""The data JewelGen keeps in the file: what is asked (scene), what came of it (object), what goes on now (window manager)."""

# No "from __future__ import annotations" here: Blender reads the annotations themselves.

import secrets
from typing import Any

import bpy
from bpy.props import BoolProperty, CollectionProperty, EnumProperty, FloatProperty, IntProperty, PointerProperty, StringProperty

from ..core.form.params import FormParams
from ..core.recipe import MakeParams
from ..core.relief.params import ReliefParams
from ..core.words.design import WEIGHT_LIMIT, Design
from ..core.words.keys import FORMS, METALS, SHAPES
from ..engines.motif.wish import SYMMETRIES, Wish
from . import jobs
from .properties_craft import JewelGenCraft, JewelGenHeightTile, JewelGenPictureHeight, JewelGenStone, JewelGenText
from .properties_pictures import GROUPS as PICTURE_GROUPS
from .properties_pictures import JewelGenPictures
from .scene_recipe import DESIGN_SLOTS, changed, read_recipe, reread, write_recipe
from .settings import annotations_of, items, read, write
from .translations import CONTEXT

__all__ = ["CLASSES", "read", "read_recipe", "register", "reread", "unregister", "write", "write_recipe"]

_RING_SIZES = ("US 5", "US 6", "US 7", "US 8", "US 9", "US 10", "UK N", "EU 54", "JP 14", "17.3 mm")
_DESIGN_ELSEWHERE = tuple(f for f in Design.__dataclass_fields__ if f not in DESIGN_SLOTS)


def _touch(name: str):
    def update(self: Any, context: bpy.types.Context) -> None:
        changed(self, name)

    return update


def _shapes(self: Any, context: bpy.types.Context, edit_text: str) -> list[str]:
    return list(SHAPES.get(self.form, ()))


def _sizes(self: Any, context: bpy.types.Context, edit_text: str) -> list[str]:
    sizes = {"band": _RING_SIZES, "signet": _RING_SIZES, "bangle": ("58 mm", "62 mm", "66 mm"), "cuff": ("54 mm", "58 mm", "62 mm")}
    return list(sizes.get(self.form, ()))


def _engines(self: Any, context: bpy.types.Context, edit_text: str) -> list[str]:
    from ..engines.registry import CARDS

    return ["auto", *(card.name for card in CARDS)]


def _periods(self: Any, context: bpy.types.Context, edit_text: str) -> list[str]:
    from ..core.words.terms import lexicon

    return sorted({str(term.value) for terms in lexicon().phrases.values() for term in terms if term.slot == "period"})


class JewelGenForm(bpy.types.PropertyGroup):
    """What the piece is; a field the artist has set goes before the words."""

    __annotations__ = annotations_of(
        FormParams,
        update=_touch,
        form=EnumProperty(name="Form", description="Kind of piece", items=items(FORMS), default="band", update=_touch("form")),
        shape=StringProperty(
            name="Shape", description="Profile of a band, or outline of a head or pendant; empty for the form's own", maxlen=20,
            search=_shapes, search_options={"SUGGESTION"}, update=_touch("shape"),
        ),
        size=StringProperty(
            name="Size", description='Finger or wrist: "US 7", "UK N", "EU 54", "JP 14", "17.3 mm" (inner diameter); empty for the usual', maxlen=60,
            search=_sizes, search_options={"SUGGESTION"}, update=_touch("size"),
        ),
        touched=StringProperty(name="Set by Hand", description="Fields that go before the words", options={"HIDDEN"}),
    )  # fmt: skip


class JewelGenRelief(bpy.types.PropertyGroup):
    """How the ornament becomes metal, for the next piece; a laid relief is changed in its modifier."""

    __annotations__ = annotations_of(
        ReliefParams,
        update=_touch,
        touched=StringProperty(name="Set by Hand", description="Fields that go before the words", options={"HIDDEN"}),
    )


class JewelGenMake(bpy.types.PropertyGroup):
    """Who draws, and how the piece is cast."""

    __annotations__ = annotations_of(
        MakeParams,
        engine=StringProperty(
            name="Engine", description="Engine that draws the pattern; auto takes the best one present", default="auto", maxlen=300,
            search=_engines, search_options={"SUGGESTION"},
        ),
        manufacture=EnumProperty(
            name="Allowance", description="Add this process's shrinkage and polishing allowance to the written files",
            items=items(MakeParams.__dataclass_fields__["manufacture"].metadata["values"], "None"),
        ),
    )  # fmt: skip


class JewelGenDesign(bpy.types.PropertyGroup):
    """The slots of a design that belong to no other group; a field the artist has set goes before the words."""

    __annotations__ = annotations_of(
        Design,
        _DESIGN_ELSEWHERE,
        _touch,
        metal=EnumProperty(name="Metal", description="The alloy", translation_context=CONTEXT, items=items(METALS), default="gold-18k-yellow", update=_touch("metal")),
        period=StringProperty(
            translation_context=CONTEXT, name="Period", description="Style of an age or people, such as tang or art-nouveau", maxlen=60,
            search=_periods, search_options={"SUGGESTION"}, update=_touch("period"),
        ),
        avoid=StringProperty(
            name="Leave Out", description="Ornaments that must not appear, with commas between them", maxlen=400, update=_touch("avoid")
        ),
        touched=StringProperty(name="Set by Hand", description="Fields that go before the words", options={"HIDDEN"}),
    )  # fmt: skip


class JewelGenChip(bpy.types.PropertyGroup):
    """One thing the words say, or a field set by hand."""

    slot: StringProperty(name="Slot", description="What it decides, such as metal or motif")
    value: StringProperty(name="Value", description="What was understood")
    words: StringProperty(name="Words", description="The words it was read from; empty if set by hand")
    touched: BoolProperty(name="Set by Hand", description="A field set by hand goes before the words")


def _weighed(self: Any, context: bpy.types.Context) -> None:
    changed(self.id_data.jewelgen.design, "motifs")


class JewelGenMotif(bpy.types.PropertyGroup):
    """One figure of the ornament and its share."""

    name: StringProperty(name="Motif", description="Name of the figure", maxlen=80, update=_weighed)
    weight: FloatProperty(
        name="Weight", description="Share of this motif beside the others", default=1.0, min=0.0, max=WEIGHT_LIMIT, soft_max=3.0, update=_weighed
    )
    cell: StringProperty(name="Drawing", description="A drawing of its own; empty for the one its name has in the library", options={"HIDDEN"})


def _library(self: Any, context: bpy.types.Context, edit_text: str) -> list[str]:
    from ..core.pattern import motifs
    from ..core.words.keys import CELLS

    return sorted({*CELLS, *motifs.names()})


def _said(self: Any, context: bpy.types.Context) -> None:
    jobs.expect()


def _is_image(self: Any, image: bpy.types.Image) -> bool:
    return image.type not in ("RENDER_RESULT", "COMPOSITING")


def _strokes(self: Any, context: bpy.types.Context) -> None:
    from . import sketch_live

    sketch_live.look_again()


class JewelGenWish(bpy.types.PropertyGroup):
    """What the next motifs are to be."""

    __annotations__ = annotations_of(
        Wish,
        prompt=StringProperty(
            name="Motif", description="What the motif shows; empty: what the design's words say", maxlen=2000, options={"TEXTEDIT_UPDATE"}, update=_said
        ),
        function=EnumProperty(
            name="How", description="How the motifs are drawn", default="auto",
            items=[
                ("auto", "Auto", "By what the words say: one thing is varied, two are blended, what the library lacks is invented"),
                ("vary", "Vary", "Other drawings of what the library, or the picked motif, shows"),
                ("blend", "Blend", "Two things in one figure"),
                ("sketch", "From Sketch", "Follow a scribble or a picture"),
                ("invent", "Invent", "Free drawings that start from nothing; a symmetry makes ornament of them"),
                ("row", "Row", "Steps from one thing to another, for a frieze"),
            ],
        ),
        vary=StringProperty(
            name="Start From", description="Motif of the library to start from; empty: the picked motif, or what the words find", maxlen=80,
            search=_library, search_options={"SUGGESTION"},
        ),
        symmetry=EnumProperty(
            name="Symmetry", description="Symmetry that is kept while the motif is drawn",
            items=[(name, "None" if name == "none" else "Mirror" if name == "mirror" else f"{name} Fold", "") for name in SYMMETRIES],
        ),
        kind=EnumProperty(
            name="Sketch", description="What is followed",
            items=[("PEN", "Pen", "Strokes of a grease pencil in a square of 20 mm"), ("PICTURE", "Picture", "A picture, opened or painted in Blender")],
        ),
        picture=PointerProperty(type=bpy.types.Image, name="Picture", description="Scribble, silhouette or photograph to follow", poll=_is_image),
        plain=BoolProperty(name="As Drawn", description="Take the strokes as they are; the model does not draw", update=_strokes),
        over=BoolProperty(
            name="Over the Motif", description="Draw over the picked motif: strokes on it cut into it, strokes beside it add to it", update=_strokes
        ),
        mask=PointerProperty(type=bpy.types.Image, name="Repaint", description="The motif with paint where it may change"),
    )  # fmt: skip


class JewelGenTile(bpy.types.PropertyGroup):
    """One motif to pick from: a drawing and how it came about."""

    name: StringProperty(name="Name", description="What the motif is called in the design")
    cell: StringProperty(name="Drawing", description="The drawing; empty for the library's own", options={"HIDDEN"})
    image: PointerProperty(type=bpy.types.Image, name="Picture", description="How it looks")
    function: StringProperty(name="How", description="How it was drawn: library, vary, blend, sketch, invent, inpaint or row")
    source: StringProperty(name="Start From", description="The drawing of the library it started from")
    nearest: StringProperty(name="Nearest", description="The taught drawing it covers best")
    likeness: FloatProperty(name="Likeness", description="How much of their union the two share")
    score: FloatProperty(name="Score", description="How well it shows the words, and how clean its shape is")
    wish: StringProperty(name="Wish", description="What was asked for when it was drawn", options={"HIDDEN"})
    live: BoolProperty(options={"HIDDEN"})


class JewelGenHistory(bpy.types.PropertyGroup):
    """One result, to be recalled."""

    name: StringProperty(name="Name", description="The words it was made from")
    recipe: StringProperty(name="Recipe", description="Everything it can be made again from")
    report: StringProperty(name="Report", description="What was measured when it was made for print")
    picture: PointerProperty(type=bpy.types.Image, name="Picture", description="How it looks")
    height: PointerProperty(type=bpy.types.Image, name="Height", description="Its height picture")
    uid: StringProperty(name="Object", description="Mark of the object it became")


class JewelGenCandidate(bpy.types.PropertyGroup):
    """One of several variations to pick from."""

    seed: IntProperty(name="Seed", description="Seed this variation was drawn with")
    image: PointerProperty(type=bpy.types.Image, name="Picture", description="How it looks")
    recipe: StringProperty(name="Recipe", description="Everything it can be made again from")


def _read_words(self: Any, context: bpy.types.Context) -> None:
    if not self.quiet:
        reread(self.id_data)
        jobs.expect()


def _another_picture(self: Any, context: bpy.types.Context) -> None:
    self.picture_method = "height"  # a recipe that is recalled may name another


class JewelGenScene(bpy.types.PropertyGroup):
    """What is asked, and what has been made so far."""

    prompt: StringProperty(name="Prompt", description="What to make, in English or Chinese words", options={"TEXTEDIT_UPDATE"}, update=_read_words)
    form: PointerProperty(type=JewelGenForm)
    relief: PointerProperty(type=JewelGenRelief)
    make: PointerProperty(type=JewelGenMake)
    pictures: PointerProperty(type=JewelGenPictures)
    design: PointerProperty(type=JewelGenDesign)
    chips: CollectionProperty(type=JewelGenChip)
    motifs: CollectionProperty(type=JewelGenMotif)
    motifs_index: IntProperty(name="Motif", description="The chosen motif")
    height: PointerProperty(type=JewelGenPictureHeight)
    height_source: PointerProperty(type=bpy.types.Image, name="Picture", description="Picture that the heights were made of")
    heights: CollectionProperty(type=JewelGenHeightTile)
    heights_index: IntProperty(name="Height", description="The picked height", default=-1)
    craft: PointerProperty(type=JewelGenCraft)
    texts: CollectionProperty(type=JewelGenText)
    texts_index: IntProperty(name="Line", description="The chosen line of text")
    stones: CollectionProperty(type=JewelGenStone)
    stones_index: IntProperty(name="Stone", description="The chosen stone")
    stones_around: IntProperty(name="Number", description="How many stones are set evenly around", default=8, min=2, max=200)
    at_work: StringProperty(name="At Work", description="Mark of the piece that changes of craft, lettering and stones go to", options={"HIDDEN"})
    variations: IntProperty(name="Variations", description="How many variations are drawn to pick from", default=4, min=1, max=12)
    source: EnumProperty(
        name="From", description="Where the ornament comes from",
        items=[("WORDS", "Words", "An engine draws what the prompt says"), ("PICTURE", "Picture", "A height picture: white is high, black is low")],
    )  # fmt: skip
    picture: PointerProperty(
        type=bpy.types.Image, name="Picture", description="Height picture: white is high, black is low", poll=_is_image, update=_another_picture
    )
    picture_method: StringProperty(name="Method", description="How the height was found", default="height", options={"HIDDEN"})
    target: EnumProperty(
        name="On", description="What the ornament is laid on",
        items=[("NEW", "New Piece", "A piece of its own"), ("SELECTED", "Selected Mesh", "The active mesh object; its UV maps and modifiers stay as they are")],
    )  # fmt: skip
    history: CollectionProperty(type=JewelGenHistory)
    history_index: IntProperty(name="Result", description="The chosen result")
    candidates: CollectionProperty(type=JewelGenCandidate)
    candidates_index: IntProperty(name="Variation", description="The chosen variation")
    wish: PointerProperty(type=JewelGenWish)
    tiles: CollectionProperty(type=JewelGenTile)
    tiles_index: IntProperty(name="Motif", description="The picked motif", default=-1)
    reread_error: StringProperty(options={"HIDDEN", "SKIP_SAVE"})
    quiet: BoolProperty(options={"HIDDEN", "SKIP_SAVE"})


class JewelGenObject(bpy.types.PropertyGroup):
    """What an object of ours is and was made from."""

    kind: StringProperty(name="Kind", description="relief or print; empty for objects of others")
    recipe: StringProperty(name="Recipe", description="Everything it can be made again from")
    report: StringProperty(name="Report", description="What was measured when it was made for print")
    height: PointerProperty(type=bpy.types.Image, name="Height", description="The height picture, 16 bit")
    drawn: PointerProperty(type=bpy.types.Image, name="Drawn Picture", description="What the picture model drew, before its height was found")
    uid: StringProperty(name="Mark", description="Its name among the objects of JewelGen")
    origin_uid: StringProperty(name="Made From", description="Mark of the object a print was made from")
    baked: StringProperty(name="Baked Settings", description="Fingerprint of the settings a print was made with")
    wish: StringProperty(name="Wish", description="What was asked for when its motif was drawn")
    lettered: StringProperty(name="Lettering", description="Lines of text that its height picture has")
    form_mark: StringProperty(name="Bare Form", description="Fingerprint of the form without ornament")
    worked: StringProperty(name="Worked Settings", description="Fingerprint of the settings its metal was worked with")
    work_facts: StringProperty(name="Facts", description="What is known of its metal: openings, granules, lines of text, stones")

    @property
    def origin(self) -> "bpy.types.Object | None":
        """The object a print was made from, if it is still in a scene. A pointer would keep a deleted object alive."""
        return object_of(self.origin_uid)


def object_of(uid: str) -> "bpy.types.Object | None":
    """The object with this mark that is in a scene; of an object and its copies the first."""
    return min((ob for ob in bpy.data.objects if uid and ob.jewelgen.uid == uid and ob.users_scene), key=lambda ob: ob.session_uid, default=None)


def mark(ob: bpy.types.Object) -> str:
    """The object's mark; a copy was given that of the first one and gets one of its own."""
    own = ob.jewelgen.uid
    if not own or object_of(own) not in (ob, None):
        own = ob.jewelgen.uid = secrets.token_hex(8)
    return own


class JewelGenWindow(bpy.types.PropertyGroup):
    """What goes on at this moment; never saved."""

    busy: BoolProperty(name="Working", description="A job is running", options={"SKIP_SAVE"})
    progress: FloatProperty(name="Progress", description="Share of the work that is done", min=0.0, max=1.0, subtype="FACTOR", options={"SKIP_SAVE"})
    status: StringProperty(name="Status", description="What is being done", options={"SKIP_SAVE"})
    error: StringProperty(name="Error", description="What went wrong last", options={"SKIP_SAVE"})
    error_field: StringProperty(name="Field", description="The setting that is wrong", options={"SKIP_SAVE"})
    fix_label: StringProperty(name="Mend", description="What would mend it", options={"SKIP_SAVE"})
    fix_option: StringProperty(name="Option", description="The mend as it is typed on the command line", options={"SKIP_SAVE"})
    model: EnumProperty(
        name="Motif Model", description="Whether the motif model can draw here", options={"SKIP_SAVE"},
        items=[("UNKNOWN", "Unknown", "Nobody has asked yet"), ("READY", "Ready", "It draws"), ("MISSING", "Missing", "It cannot draw here")],
    )  # fmt: skip
    model_reason: StringProperty(name="Reason", description="Why the motif model cannot draw here", options={"SKIP_SAVE"})
    editor: StringProperty(options={"HIDDEN", "SKIP_SAVE"})
    sketch: StringProperty(name="Sketch", description="What the live sketch is doing; empty while nobody sketches", options={"SKIP_SAVE"})
    working: StringProperty(name="Metal", description="What is being done to the metal of the piece at work; empty while nothing is", options={"SKIP_SAVE"})
    work_share: FloatProperty(name="Progress", description="Share of the work that is done", min=0.0, max=1.0, subtype="FACTOR", options={"SKIP_SAVE"})


CLASSES = (
    JewelGenForm, JewelGenRelief, JewelGenCraft, JewelGenText, JewelGenStone, *PICTURE_GROUPS, JewelGenMake, JewelGenDesign, JewelGenChip, JewelGenMotif, JewelGenWish,
    JewelGenTile, JewelGenPictureHeight, JewelGenHeightTile, JewelGenHistory, JewelGenCandidate, JewelGenScene, JewelGenObject, JewelGenWindow,
)  # fmt: skip

_POINTERS = ((bpy.types.Scene, JewelGenScene), (bpy.types.Object, JewelGenObject), (bpy.types.WindowManager, JewelGenWindow))


def register() -> None:
    for owner, group in _POINTERS:
        owner.jewelgen = PointerProperty(type=group)


def unregister() -> None:
    for owner, _group in _POINTERS:
        if hasattr(owner, "jewelgen"):
            del owner.jewelgen
