"""What a folder or a file of weights holds: its family, whether it is whole, its parameters; pickles and code of the maker refused.

Of weights only the heads are read.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ...core.errors import BadInput, Fix
from . import headers, models, places
from .models import ModelCard

PIPELINES = {  # the classes that this program draws with, and the families they are of
    "StableDiffusionPipeline": "sd15", "StableDiffusionImg2ImgPipeline": "sd15", "StableDiffusionInpaintPipeline": "sd15",
    "StableDiffusionXLPipeline": "sdxl", "StableDiffusionXLImg2ImgPipeline": "sdxl", "StableDiffusionXLInpaintPipeline": "sdxl",
    "StableDiffusion3Pipeline": "sd3", "FluxPipeline": "flux", "Flux2KleinPipeline": "flux2-klein", "ZImagePipeline": "z-image",
    "QwenImagePipeline": "qwen-image", "SanaPipeline": "sana", "SanaSprintPipeline": "sana", "MarigoldDepthPipeline": "marigold-depth", "MarigoldNormalsPipeline": "marigold-normals",
    "StableDiffusionUpscalePipeline": "upscaler", "ShapEPipeline": "shap-e", "ShapEImg2ImgPipeline": "shap-e", "TripoSGPipeline": "triposg",
}  # fmt: skip
ALONE = ("sd15", "sdxl")  # families whose single files hold the whole model; the words' tables and settings stand in a folder beside
_NETS = ("ControlNetModel", "FluxControlNetModel", "SD3ControlNetModel", "QwenImageControlNetModel", "ZImageControlNetModel", "SanaControlNetModel")
_MODELS = dict.fromkeys(_NETS, "controlnet") | {"DepthAnythingForDepthEstimation": "depth-anything"}
WHOLE = ("triposr",)  # families whose single file is all there is
_LIBRARIES = ("diffusers", "transformers", "stable_diffusion", "marigold", "shap_e", "deprecated")
_REWRITTEN = ("TripoSGPipeline",)  # made of classes of their maker's, which are never imported: the program has networks of its own for their weights
_WITHOUT = ("scheduler", "tokenizer", "tokenizer_2", "tokenizer_3", "feature_extractor", "feature_extractor_dinov2", "image_processor", "processor")
_PARTS = {"unet": "denoiser", "transformer": "denoiser", "prior": "denoiser", "vae": "vae", "safety_checker": "other", "image_encoder": "image", "image_encoder_dinov2": "image", "shap_e_renderer": "vae"}


@dataclass(frozen=True, kw_only=True)
class Weights:
    """A model that is here and can be loaded; ``path`` is its folder or its file."""

    name: str
    path: Path
    family: str
    revision: str  # of the hub, or a sum over the heads of own files
    licence: str
    card: ModelCard
    commercial: bool
    base: str = ""  # of an addition: the family it is made for; "" if its files do not tell
    hub: str = ""
    variant: str = ""  # what stands before .safetensors in the names of the files
    config: Path | None = None  # of a single file: the folder with the settings and tables of words of its family
    companions: tuple[Weights, ...] = ()  # what it is laid on: of SDXL-Lightning, SDXL
    parts: dict[str, float] = field(default_factory=dict)  # 10^9 parameters, counted

    def credit(self) -> dict[str, str]:
        """What a recipe keeps: name, where from, revision, licence and what it says of use and places."""
        kept = self.card.credit() | {"model": self.name, "family": self.family, "revision": self.revision, "licence": self.licence}
        kept.pop("name")
        known = places.origin(self.path if self.path.is_dir() else self.path.parent)
        accepted = {"accepted": str(known["accepted"])} if known.get("accepted") else {}
        return kept | ({"hub": self.hub} if self.hub else {}) | accepted


def judge(path: Path, name: str = "", card: ModelCard | None = None) -> Weights:
    """What a folder or a file holds. Raises BadInput in one sentence for all that must not or cannot be loaded."""
    if not path.exists():
        raise BadInput(f"there is no {path}", field="model")
    name = name or path.stem if path.is_file() else name or path.name
    known = places.origin(path if path.is_dir() else path.parent)
    if card is None and known.get("hub"):
        card = next((one for one in models.cards() if one.name == known.get("model")), None) or models.of_hub(str(known["hub"]))
    made = _file(path, name, card) if path.is_file() else _folder(path, name, card)
    if known.get("hub"):
        made = replace(made, hub=str(known["hub"]), revision=str(known.get("revision") or made.revision))
        if card is None and known.get("licence"):
            made = under(made, models.licence(str(known["licence"])))
    return made


def under(made: Weights, licence: models.Licence) -> Weights:
    """The same weights under a licence that is known from elsewhere."""
    card = replace(made.card, licence=licence)
    return replace(made, card=card, licence=licence.label, commercial=card.commercial)


def _made(path: Path, name: str, family: str, card: ModelCard | None, parts: dict[str, float], mark: str, **more: Any) -> Weights:
    card = card or models.stranger(name, family, parts=parts)
    if family != card.family:
        raise BadInput(f"{name} holds a model of the family {family}; {card.label} is of the family {card.family}", field="model")
    return Weights(name=name, path=path, family=family, revision=mark, licence=card.licence.label, card=card, commercial=card.commercial, parts=parts, **more)


def _file(path: Path, name: str, card: ModelCard | None) -> Weights:
    if path.suffix.lower() == ".gguf":
        raise BadInput(f"{path.name} is a GGUF file; give the model's folder or its .safetensors", field="model")
    head = headers.head(path)
    family, base = headers.family_of(head)
    if not family:
        raise BadInput(f"the names in {path.name} are of no architecture that this program draws with ({_few(tuple(head.shapes))})", field="model")
    mark = f"headers-{head.mark}"
    if family in ("lora", "ip-adapter"):
        return _made(path, name, family, card, {"adapter": head.billions}, mark, base=base)
    if family == "controlnet":
        return _made(path, name, family, card, {"denoiser": head.billions}, mark, base=base, config=_settings_beside(path, "config.json"))
    if family in WHOLE:
        return _made(path, name, family, card, {"denoiser": head.billions}, mark)
    if family not in ALONE:
        raise BadInput(f"a single file of {family} holds its denoiser only, without what reads the words; give the model's folder or hub id", field="model")
    config = _settings_beside(path, "model_index.json") or _settings_of(family)
    if config is None:
        like = models.of_family(family)
        raise BadInput(
            f"{path.name} is a whole {like.label}, but its settings and tables of words are not in it; put them beside it in a folder {path.stem}, or fetch {like.name} once",
            field="model", fix=Fix(f"Fetch {like.label}", f"jewelgen models fetch {like.name} --accept"),
        )  # fmt: skip
    return _made(path, name, family, card, _of_checkpoint(head), mark, config=config)


def _of_checkpoint(head: headers.Head) -> dict[str, float]:
    """Parameters of the parts of a single file, 10^9."""
    starts = {"model.diffusion_model.": "denoiser", "first_stage_model.": "vae", "cond_stage_model.": "text", "conditioner.": "text"}
    parts: dict[str, float] = {}
    for start, part in starts.items():
        own = {name: shape for name, shape in head.shapes.items() if name.startswith(start)}
        parts[part] = parts.get(part, 0.0) + headers.Head(own, 0, "").billions
    return {part: count for part, count in parts.items() if count}


def _settings_beside(path: Path, wanted: str) -> Path | None:
    """A folder with settings beside a single file: one of its name, ``config``, or the file's own."""
    for folder in (path.with_suffix(""), path.parent / f"{path.stem}.config", path.parent / "config", path.parent):
        if (folder / wanted).is_file():
            return folder
    return None


def _settings_of(family: str) -> Path | None:
    """Settings of a model of this family that is here as a folder."""
    for card in models.cards():
        if card.family == family and not card.files:
            folder = places.fetched(card.hub)
            if folder is not None and (folder / "model_index.json").is_file():
                return folder
    return None


def _folder(path: Path, name: str, card: ModelCard | None) -> Weights:
    if (path / "model_index.json").is_file():
        return _pipeline(path, name, card)
    _without_code(path)
    if (path / "config.json").is_file():
        return _single_model(path, name, card)
    files = sorted(path.glob("*.safetensors"))
    if len(files) == 1:
        return replace(_file(files[0], name, card), name=name)
    if card is not None and card.files:
        inside = [path / one for one in card.files if (path / one).is_file() and one.endswith(".safetensors") and "image_encoder" not in one]
        if inside:
            return _file(inside[0], name, card)
    if files:
        raise BadInput(f"{path} holds {len(files)} .safetensors files and no model_index.json; name one of the files", field="model")
    pickles = _pickles(path)
    if pickles:
        raise _refused_pickle(path, pickles)
    raise BadInput(f"{path} holds no model: there is neither model_index.json nor config.json nor a .safetensors file in it", field="model")


def _pipeline(path: Path, name: str, card: ModelCard | None) -> Weights:
    """A model folder of diffusers: its class, its parts, each with its weights whole."""
    index = _json(path / "model_index.json")
    family = family_of_index(index, path.name)
    _without_code(path)
    parts: dict[str, float] = {}
    variants: set[str] = set()
    sums = hashlib.sha256()
    for part, (library, _) in components(index):
        folder = path / part
        if part in _WITHOUT or library is None:
            continue
        if not folder.is_dir():
            if part == "safety_checker":
                continue  # may be left away
            raise BadInput(f"{path.name} lacks its part {part}; fetch or copy the model again", field="model")
        heads, variant = _weights_in(folder, f"{path.name}/{part}")
        variants.add(variant)
        kind = _PARTS.get(part, "text" if part.startswith("text_encoder") else "other")
        parts[kind] = parts.get(kind, 0.0) + sum(head.billions for head in heads)
        for head in heads:
            sums.update(head.mark.encode())
    variant = next(iter(variants - {""}), "")
    return _made(path, name, family, card, parts, f"headers-{sums.hexdigest()[:12]}", variant=variant)


def family_of_index(index: dict[str, Any], name: str) -> str:
    """The family that a model_index.json tells of. Raises BadInput for classes that are not drawn with and for code of the maker."""
    cls = index.get("_class_name")
    if not isinstance(cls, str):
        raise BadInput(f"{name} brings code of its maker to be run (its _class_name names a file); such models are refused", field="model")
    for part, (library, kind) in components(index):
        if library is not None and cls not in _REWRITTEN and str(library).split(".")[0] not in _LIBRARIES:
            raise BadInput(f"{name} brings code of its maker to be run ({part}: {str(library)[:40]}.{str(kind)[:40]}); such models are refused", field="model")
    if cls not in PIPELINES:
        raise BadInput(f"{name} is a {cls[:60]}, which this program does not draw with", field="model")
    return PIPELINES[cls]


def components(index: dict[str, Any]) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """The parts that a model_index.json lists, each with its library and class; (None, None) for one that is left out."""
    for part, value in index.items():
        if not part.startswith("_") and isinstance(value, list) and len(value) == 2:
            yield part, (value[0], value[1])


def _single_model(path: Path, name: str, card: ModelCard | None) -> Weights:
    """A folder of one model: a ControlNet, a depth model."""
    config = _json(path / "config.json")
    classes = [config.get("_class_name"), *(config.get("architectures") or ())]
    family = next((_MODELS[cls] for cls in classes if cls in _MODELS), "")
    if not family:
        told = next((str(cls) for cls in classes if cls), "of no known class")
        raise BadInput(f"{path.name} is {told[:60]}, which this program does not draw with", field="model")
    heads, variant = _weights_in(path, path.name)
    base = {768: "sd15", 2048: "sdxl"}.get(config.get("cross_attention_dim"), "") if family == "controlnet" else ""  # type: ignore[arg-type]
    mark = hashlib.sha256("".join(head.mark for head in heads).encode()).hexdigest()[:12]
    return _made(path, name, family, card, {"denoiser": sum(head.billions for head in heads)}, f"headers-{mark}", variant=variant, base=base)


def _weights_in(folder: Path, shown: str) -> tuple[list[headers.Head], str]:
    """Heads of the weights of one part, of its smaller files only where there are others too, and what their names hold before .safetensors."""
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        pickles = _pickles(folder)
        raise _refused_pickle(Path(shown), pickles) if pickles else BadInput(f"{shown} lacks its weights; fetch or copy the model again", field="model")
    groups: dict[str, list[Path]] = {}
    for file in files:
        groups.setdefault(variant_of(file.name), []).append(file)
    variant = "" if "" in groups else min(groups)
    listed: set[str] = set()
    for index in folder.glob("*.safetensors.index*.json"):
        if variant_of(index.name.replace(".index", "").removesuffix(".json")) == variant or f".index.{variant}.json" in index.name:
            listed |= set(map(str, _json(index).get("weight_map", {}).values()))
    gone = sorted(listed - {file.name for file in files})
    if gone:
        raise BadInput(f"{shown} lacks {len(gone)} of its {len(listed)} files of weights ({gone[0]}); fetch or copy the model again", field="model")
    return [headers.head(file) for file in groups[variant]], variant


def variant_of(name: str) -> str:
    """ "fp16" of "model.fp16.safetensors" and of "model.fp16-00001-of-00002.safetensors"."""
    words = name.removesuffix(".safetensors").split(".")
    return re.sub(r"-\d{5}-of-\d{5}$", "", words[1]) if len(words) > 1 else ""


def _without_code(path: Path) -> None:
    """Refuse a folder whose settings have code run that comes with it."""
    for file in sorted({*path.glob("*.json"), *path.glob("*/*.json")}):
        if file.stat().st_size < 2_000_000 and (file.name.endswith("config.json") or file.name == "model_index.json"):
            kept = _json(file)
            if "auto_map" in kept or kept.get("trust_remote_code"):
                raise BadInput(f"{path.name} brings code of its maker to be run ({file.relative_to(path)} says auto_map); such models are refused", field="model")
    code = sorted({*path.glob("pipeline*.py"), *path.glob("*/*.py")})
    if code:
        raise BadInput(f"{path.name} brings code of its maker to be run ({code[0].relative_to(path)}); such models are refused", field="model")


def _pickles(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.suffix.lower() in headers.PICKLES)


def _refused_pickle(path: Path, files: list[Path]) -> BadInput:
    return BadInput(f"{path} holds its weights as pickle files only ({files[0].name}), which can run code of their maker; use .safetensors", field="model")


def _json(path: Path) -> dict[str, Any]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"{path.name} of {path.parent.name} cannot be read; fetch or copy the model again", field="model") from error
    if not isinstance(kept, dict):
        raise BadInput(f"{path.name} of {path.parent.name} is not what it should be; fetch or copy the model again", field="model")
    return kept


def _few(names: tuple[str, ...]) -> str:
    return ", ".join(names[:2])[:120] or "none"
