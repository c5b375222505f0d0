"""Every sentence the sources can say, read from their syntax trees and tables: what the table of translations must hold."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "blender_jewelgen"
SPOKEN = ("core", "engines", "worker", "blender")  # the command line's help is English

_SENTENCE = re.compile(r"[A-Za-z]{2,}[,:;.]? [A-Za-z({]|[A-Za-z]{3,}: ")
_LABEL = re.compile(r"^[A-Z][a-z]{2,}…?$")
_FORMATTED = re.compile(r"\{[^{}]*\}")
_CLASS = re.compile(r"[A-Z0-9]+_(OT|PT|MT|UL|FH|AST)_")
# Arguments that a person reads even if they are one short word: name of the call, place of the argument.
_READ = {"tell": 1, "label": 0, "labelled": 1, "fact": 1, "sentence": 2, "poll_message_set": 0, "report": 1, "say": 0, "Fix": 0, "Check": 5}
_UNREAD = ("compile", "TypeError", "ValueError", "RuntimeError", "AssertionError", "KeyError", "cast", "getLogger", "Thread", "import_module", "pop")

# Files that name only nodes, sockets, lights and cameras, or speak on the command line.
SILENT_FILES = {
    "blender/nodes.py": "node types and sockets", "blender/relief_tree.py": "node types and sockets", "blender/relief_clear.py": "node types and sockets",
    "blender/shade.py": "node types and sockets", "blender/materials.py": "node types and sockets", "blender/studio.py": "lights of the studio, in a process of its own",
    "blender/camera.py": "usage on the command line", "blender/command.py": "a line of code for another Blender", "worker/logfile.py": "the log",
    "blender/picture.py": "pictures for the command line, in a process of its own", "blender/node_inputs.py": "kinds of sockets",
    "worker/times.py": "a table for us", "core/words/vectors.py": "words left out of a comparison", "worker/protocol.py": "names of types",
    "engines/diffusion/wording.py": "words for a model", "engines/motif/synonyms.py": "words for a model", "worker/runtime/scripts.py": "lines of Python for another Python", "worker/runtime/report.py": "a letter to us, in English",
}  # fmt: skip

# Words that f-strings fill in, too short to be known as sentences.
FILLED = (
    "{} fold", "motifs CC-BY-3.0", "taught with motifs CC-BY-3.0", "edges", "faces", "parts", "whole ", " of {}", " at x {}, y {}, z {} mm", "open", "metres", "inches", "model", "waiting", "cancelled", "draw", "lay", "make", "check", "solid", "read",
    "working", "closed", "outward", "bodies", "flat faces", "self intersections", "min wall", "min detail", "min engraving width", "volume", "weight",
    "white", "yellow", "version", "text", "path", "sha256", "avoid", "weights", "motifs", "where", "recipe", "design", "form", "relief", "source", "number",
    "procedural", "motif", "blend of {}", "vary of {}", "the mask", "inpaint", "start", "blank", "nothing", "everything", "thin", "shallow", "a sheet",
    "a band", "a bangle", "a flat band", "a D-shaped band", "a court band", "a knife-edged band", "a flat bangle", "a D-shaped bangle", "a court bangle", "a knife-edged bangle",
    "1 piece", "offline", "image-to-3D models", "Hyper3D terms", "Shap-E, from pictures", "finger size {} is not known; write it like US 7, UK N, EU 54, JP 14 or 17.3 mm",
    "finger size {} is outside the table; {} sizes go from {} to {}", "finger size {} cannot be worn; an inner diameter is between {} and {} mm",
    "No such file or directory", "Permission denied", "No space left on device", "File name too long", "Is a directory", "Read-only file system",
)  # fmt: skip
# Not shown, or the same in every language: a name, an abbreviation, an identifier.
SILENT: dict[str, str] = {
    "Operator": "a context of Blender's", "Python": "name",
    "lets the program choose": "end of a tooltip that the table holds whole", "plain band": "words that are read, not shown",
    "uv": "name", "UV": "name", "Axis {}": "hidden sockets", "Flat {}": "hidden sockets",
    "Image": "kind of socket", "Menu": "kind of socket", "Bool": "kind of socket", "Float": "kind of socket", "String": "kind of socket",
    "Collection": "kind of socket", "Int": "kind of socket", "import bpy": "line of a preset's file",
    "3MF": "name", "STL": "name", "GLB": "name", "{} Thumbnail": "name of a picture", "{} Height": "name of a picture", "{} Ready": "name of a picture",
    "{} Before": "name of a mesh", "{} Print": "name of an object", "JewelGen {}, Blender {}, {}": "first line of a copied log",
    "{} Metal": "name of a mesh", "Metal {}": "name of a job", "JewelGen Metal": "name of a modifier",
    "swapped, directx": "what a map is like",
    "{} Sketch": "name of a picture", "Sketch Thumbnail": "name of a picture", "Repaint {}": "name of a picture", "Guide": "name of a layer",
    "JewelGen Sketch": "name of an object", "JewelGen {}": "name of a material",
    "{} Gems": "name of a collection", "{} Section": "name of a picture", "{} Outline": "name of a picture", "the mesh ": "beginning that is looked for",
    "job {} {} begins": "the log", "job {} {} after {} s": "the log", "worker {} {}": "name of a thread",
    "JewelGen {}: [{}] {}\n": "on stdout, without a window",
    "Bearer {}": "a header", "Application Support": "a folder of macOS", "{}, {} view": "words for a model",
    "{} {} Depth": "name of a picture", "{} {} Normals": "name of a picture", "{} Projection": "name of a picture", "{} Drawn": "name of a picture",
    "JewelGen Projection": "name of a UV map", "JewelGen Unwrap": "name of an object", "CUDA 13": "name", "CUDA 12.6": "name", "ROCm": "name",
    "Stable Diffusion 1.5": "name", "Stable Diffusion XL": "name", "Stable Diffusion 3.5": "name", "FLUX.1": "name", "FLUX.2 klein": "name", "Z-Image": "name", "Qwen-Image": "name", "Sana": "name",
    "Meshy": "name", "Tripo": "name", "Rodin": "name", "Stability AI": "name", "ComfyUI": "name", "{}. Avoid: {}.": "words for a model",
    "https://www.meshy.ai/settings/api": "an address", "https://platform.tripo3d.ai": "an address", "https://hyper3d.ai": "an address",
    "https://platform.stability.ai": "an address", "https://platform.openai.com/api-keys": "an address", "30 mm": "a length",
    "Shap-E": "name", "TripoSR": "name", "TripoSG": "name", "python scripts/convert_triposr.py model.ckpt triposr.safetensors": "a command",
}  # fmt: skip


def template(node: ast.expr) -> str | None:
    """The sentence of a string or f-string, {} where something is filled in; None for other expressions."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _FORMATTED.sub("{}", node.value) if "{:" in node.value else node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def sentences(path: Path) -> Iterator[tuple[int, str]]:
    """(line, template) of every sentence in a source file; docstrings only where Blender shows them as tooltips."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    in_blender = "blender" in path.relative_to(PACKAGE).parts
    hidden = {id(node) for outer in ast.walk(tree) for node in _unsaid(outer)}
    read = {id(node) for outer in ast.walk(tree) for node in _read(outer)}
    for node in ast.walk(tree):
        said = template(node) if isinstance(node, ast.expr) and id(node) not in hidden else None
        if said and (_is_sentence(said) or (in_blender and _LABEL.match(said)) or (id(node) in read and re.search("[A-Za-z]{2}", said))):
            yield node.lineno, said
    if in_blender:
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and _CLASS.match(node.name) and ast.get_docstring(node):
                yield node.lineno, str(ast.get_docstring(node)).strip().rstrip(".")


def _is_sentence(said: str) -> bool:
    has_word = re.search("[A-Za-z]{3}", said.replace("{}", " "))
    return bool(has_word and _SENTENCE.search(said.replace("{}", "xx"))) and not said.startswith(("http", "/", "<")) and not re.fullmatch(r"(--[a-z-]+ \S+ ?)+", said)


def _read(node: ast.AST) -> Iterator[ast.AST]:
    """Arguments that are read by a person, whatever they look like; both sides of a choice between two."""
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        place = _READ.get(called)
        found = [node.args[place]] if place is not None and len(node.args) > place else []
        found += [word.value for word in node.keywords if word.arg in ("text", "heading", "title", "confirm_text", "label", "status", "placeholder")]
        for argument in found:
            yield argument
            if isinstance(argument, ast.IfExp):
                yield from (argument.body, argument.orelse)


def _unsaid(node: ast.AST) -> Iterator[ast.AST]:
    """Docstrings, the literal pieces of f-strings, what only programmers read, what is hidden, annotations."""
    if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and node.body:
        first = node.body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            yield first.value
    if isinstance(node, ast.JoinedStr):
        yield from (part for part in node.values if isinstance(part, ast.Constant))
        yield from (part.format_spec for part in node.values if isinstance(part, ast.FormattedValue) and part.format_spec)
    if isinstance(node, ast.FormattedValue) and node.format_spec:
        yield from ast.walk(node.format_spec)
    if isinstance(node, ast.Assert) and node.msg:
        yield from ast.walk(node.msg)
    if isinstance(node, ast.Assign) and any(getattr(target, "id", "") == "__all__" for target in node.targets):
        yield from ast.walk(node.value)
    if isinstance(node, ast.Compare):
        yield from (part for part in (node.left, *node.comparators) if isinstance(part, ast.Constant))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "split":
        yield node.func.value  # a list of words
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        hidden = any(word.arg == "hidden" and getattr(word.value, "value", False) for word in node.keywords)
        for argument in node.args if called in _UNREAD or hidden else ():
            yield from ast.walk(argument)
        for word in node.keywords:
            if word.arg in ("type", "default", "prefix", "suffix", "encoding"):
                yield from ast.walk(word.value)
    if isinstance(node, ast.Subscript):
        yield from ast.walk(node.slice)
    for annotation in ("annotation", "returns"):
        if getattr(node, annotation, None) is not None and not isinstance(getattr(node, annotation), ast.Call):
            yield from ast.walk(getattr(node, annotation))


def in_sources() -> dict[str, str]:
    """Each sentence of the source files and where it stands."""
    found: dict[str, str] = {}
    for floor in SPOKEN:
        for path in sorted((PACKAGE / floor).rglob("*.py")):
            where = path.relative_to(PACKAGE).as_posix()
            if where not in SILENT_FILES:
                for line, said in sentences(path):
                    if not said.startswith("jewelgen ") and not said.endswith("Pipeline"):  # what is typed as a mend, and classes of diffusers
                        found.setdefault(said, f"{where}:{line}")
    return found


def in_tables() -> dict[str, str]:
    """What the library's tables say: remarks of the lexicon, names of presets, every value a field can have and its title on the screen."""
    from blender_jewelgen.blender.naming import title
    from blender_jewelgen.blender.settings import label
    from blender_jewelgen.core.form.params import FormParams
    from blender_jewelgen.core.height.params import HeightParams
    from blender_jewelgen.core.library import table
    from blender_jewelgen.core.recipe import MakeParams
    from blender_jewelgen.core.relief.params import CraftParams, ReliefParams
    from blender_jewelgen.core.relief.stone import Stone
    from blender_jewelgen.core.words import keys
    from blender_jewelgen.core.words.design import Design
    from blender_jewelgen.core.words.text_line import TextLine
    from blender_jewelgen.engines.motif.wish import Wish
    from blender_jewelgen.engines.registry import CARDS

    found: dict[str, str] = {}
    terms = table("lexicon")["terms"]
    for term in terms:
        if term.get("note"):
            found.setdefault(term["note"], "lexicon.json")
    figures = [str(term["value"]) for term in terms if term["slot"] in ("motif", "period") and term.get("zh")]
    found |= dict.fromkeys((*figures, *keys.FAMILIES, *keys.CELLS), "lexicon.json")
    values = dict.fromkeys((*keys.FORMS, *keys.ALL_SHAPES, *keys.METALS), "core/words/keys.py")
    for cls in (FormParams, ReliefParams, CraftParams, TextLine, Stone, HeightParams, MakeParams, Design, Wish):
        for f in fields(cls):
            if "kind" in f.metadata:
                found.setdefault(f.name.replace("_", "-"), f"field of {cls.__name__}")
                found.setdefault(label(f), f"field of {cls.__name__}")
                values |= dict.fromkeys((v for v in f.metadata.get("values", ()) if v and not v.isdigit()), f"value of {cls.__name__}.{f.name}")
    for value, where in values.items():
        found.setdefault(value, where)
        found.setdefault(title(value), where)
    found |= {title(row["name"]): "presets.json" for row in table("presets")["presets"]}
    found |= {row["en"]: "forms.json" for row in table("forms")["forms"].values()}
    found |= {card.label: "engines/registry.py" for card in CARDS}
    return found | dict.fromkeys(of_models(), "engines/weights/models.json")


def of_models() -> list[str]:
    """What the cards of models say: notes, clauses and places of licences."""
    known = json.loads((PACKAGE / "engines" / "weights" / "models.json").read_text(encoding="utf-8"))
    rows = [*known["models"], *known["licences"].values()]
    lists = [text for row in rows for name in ("clauses", "outside") for text in row.get(name, ())]
    return [*lists, *(row["note"] for row in rows if row.get("note"))]


def in_blender() -> dict[str, str]:
    """What Blender draws by itself: names, tooltips and choices of registered properties, sockets of our groups. Register the add-on first."""
    import bpy

    from blender_jewelgen.blender import node_inputs, nodes_relief, nodes_thickness, registration  # noqa: F401

    found: dict[str, str] = {}
    for module in registration.modules():
        for cls in getattr(module, "CLASSES", ()):
            where = cls.__name__
            if issubclass(cls, (bpy.types.Panel, bpy.types.Menu, bpy.types.Operator, bpy.types.FileHandler)):
                found.setdefault(cls.bl_label, where)
                if cls.bl_rna.description and issubclass(cls, bpy.types.Operator):
                    found.setdefault(cls.bl_rna.description, where)
            rna = getattr(bpy.ops.jewelgen, cls.bl_idname.rpartition(".")[2]).get_rna_type() if issubclass(cls, bpy.types.Operator) else cls.bl_rna
            for prop in rna.properties:
                if prop.identifier in getattr(cls, "__annotations__", ()) and not prop.is_hidden and prop.name != prop.identifier:
                    found |= {said: f"{where}.{prop.identifier}" for said in (prop.name, prop.description) if said not in found and not said.startswith("Unique name")}
                    for item in prop.enum_items if prop.type == "ENUM" and where != "JEWELGEN_OT_motif_add" else ():
                        found |= {said: f"{where}.{prop.identifier}" for said in (item.name, item.description) if said not in found}
    for inputs in (nodes_relief.INPUTS, nodes_thickness.INPUTS):
        for one in inputs:
            if not one.hidden:
                found |= {said: "sockets" for said in (one.name, one.tip, one.panel) if said not in found}
    return {said: where for said, where in found.items() if re.search("[A-Za-z]{2}", said) and not re.fullmatch(r"[\d.]+ g/cm³", said)}


def all_of_it() -> dict[str, str]:
    """Every sentence and where it stands, also those that are never shown. Register the add-on first."""
    from blender_jewelgen.blender import nodes_relief, nodes_thickness

    shown = in_tables() | in_blender()
    hidden = {one.name for one in (*nodes_relief.INPUTS, *nodes_thickness.INPUTS) if one.hidden} - shown.keys()
    spoken = {said: where for said, where in in_sources().items() if said not in hidden}
    return shown | spoken | dict.fromkeys(FILLED, "filled in")


def everything() -> dict[str, str]:
    """All of it without what is never shown or is the same in every language."""
    return {said: where for said, where in all_of_it().items() if said not in SILENT}
