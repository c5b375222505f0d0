"""Pictures heeded beside the words: an IP-Adapter for each group of pictures, with a weight that means something, taken out exactly after."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.diffusion import ImagePrompt
from ...core.errors import BadInput, Fix, JewelGenError
from . import pictures

if TYPE_CHECKING:
    from ..weights.resolve import Weights

Scale = float | dict[str, dict[str, list[float]]]


def scale(weight: float) -> float:
    """The adapter's scale for an image weight of 0 to 2: 0 none, 1 as much as the words, 2 twice as much."""
    return weight / (1.0 + weight)


def blocks(unet: Any, part: str, strength: float) -> Scale:
    """Where in the UNet a picture is heeded: everywhere, or where its style or its layout is decided.

    In SDXL, style lies in the middle attention of the first block upward, layout in the last of the last block downward
    (InstantStyle); in other UNets the same places are taken, of the blocks that have attention. Raises BadInput where there
    are none.
    """
    if part == "all":
        return strength
    side, found = ("up", unet.up_blocks) if part == "style" else ("down", unet.down_blocks)
    having = [(number, len(block.attentions)) for number, block in enumerate(found) if getattr(block, "attentions", None)]
    if not having:
        raise BadInput(f"this model has no blocks of their own for {part}; heed all of the picture", field="images")
    number, count = having[0] if part == "style" else having[-1]
    place = min(1, count - 1) if part == "style" else count - 1
    return {side: {f"block_{number}": [strength if index == place else 0.0 for index in range(count)]}}


@contextmanager
def heeded(pipe: Any, images: Sequence[ImagePrompt], adapter_path: str) -> Iterator[dict[str, Any]]:
    """Inside, ``pipe`` heeds these pictures when called with the arguments that this gives.

    A picture of weight 0 is not shown to the model, and with none left no adapter is read: the same to the bit as without.
    Raises BadInput for a family without adapters, weights that do not fit it, a missing image encoder, a pickle.
    """
    seen = [one for one in images if one.weight > 0.0]
    if not seen:
        yield {}
        return
    if getattr(pipe, "unet", None) is None or not hasattr(pipe, "load_ip_adapter"):
        raise BadInput(
            f"{type(pipe).__name__.removesuffix('Pipeline')} heeds no pictures; Stable Diffusion 1.5 and XL do", field="images",
            fix=Fix("Use SDXL", "--engine diffusers:sdxl"),
        )  # fmt: skip
    if not adapter_path:
        raise BadInput("pictures are heeded with an IP-Adapter; name its weights", field="adapter")
    groups: dict[tuple[str, float], list[Any]] = {}
    for one in seen:
        groups.setdefault((one.part, one.weight), []).append(pictures.image(pictures.colours(one.path, "images")))
    found = _found(adapter_path)
    before = _Before(pipe)
    try:
        _load(pipe, found, len(groups))
        pipe.set_ip_adapter_scale([blocks(pipe.unet, part, scale(weight)) for part, weight in groups])
        yield {"ip_adapter_image": list(groups.values())}
    finally:
        before.back(pipe)


class _Before:
    """What an adapter changes of a pipeline, to be put back."""

    def __init__(self, pipe: Any) -> None:
        unet = pipe.unet
        self.encoder, self.extractor = pipe.image_encoder, pipe.feature_extractor
        self.processors = dict(unet.attn_processors)
        self.projection, self.kind = getattr(unet, "encoder_hid_proj", None), unet.config.encoder_hid_dim_type
        self.words = getattr(unet, "text_encoder_hid_proj", None)

    def back(self, pipe: Any) -> None:
        unet = pipe.unet
        unet.set_attn_processor(dict(self.processors))
        for name, value in (("encoder_hid_proj", self.projection), ("text_encoder_hid_proj", self.words)):
            if value is None:
                unet._modules.pop(name, None)  # an empty place in the list of parts would stay
            if value is not None or hasattr(type(unet), name) or name == "encoder_hid_proj":
                setattr(unet, name, value)
        unet.config.encoder_hid_dim_type = self.kind
        pipe.register_modules(image_encoder=self.encoder, feature_extractor=self.extractor)


def _found(adapter_path: str) -> Weights:
    from ..weights import resolve as weights

    found = weights.resolve(adapter_path)
    if found.family != "ip-adapter":
        raise BadInput(f"{found.name} is no IP-Adapter; it is of the kind {found.family}", field="adapter")
    return found


def _load(pipe: Any, found: Weights, count: int) -> None:
    """The weights once for each group, and the encoder that reads the pictures."""
    path = Path(found.path)
    try:
        pipe.register_modules(image_encoder=_encoder(pipe, path), feature_extractor=None)
        pipe.register_modules(feature_extractor=_extractor(pipe.image_encoder))
        pipe.load_ip_adapter(str(path.parent), subfolder="", weight_name=[path.name] * count, image_encoder_folder=None, local_files_only=True)
    except (JewelGenError, MemoryError):
        raise
    except Exception as error:  # diffusers raises ValueError, KeyError, RuntimeError for weights of another model
        if "out of memory" in str(error).lower():
            raise
        made = f"; it is made for {found.base}" if found.base else ""
        raise BadInput(f"the IP-Adapter {found.name} does not fit this model{made}", field="adapter") from error


def _encoder(pipe: Any, path: Path) -> Any:
    """The image encoder beside the adapter, or where its authors keep it, of the width that the adapter was taught with."""
    from transformers import CLIPVisionModelWithProjection

    wanted = _wanted(path)
    homes = [path.parent, path.parent.parent, path.parent.parent / "models", path.parent.parent / "sdxl_models"]
    for folder in [home / "image_encoder" for home in homes]:
        config = folder / "config.json"
        if not config.is_file():
            continue
        sizes = json.loads(config.read_text(encoding="utf-8"))
        if wanted in (sizes.get("projection_dim"), sizes.get("hidden_size")):
            try:
                encoder = CLIPVisionModelWithProjection.from_pretrained(folder, local_files_only=True, use_safetensors=True, dtype=pipe.unet.dtype)
            except OSError as error:
                raise BadInput(f"the image encoder in {folder} cannot be read: give its .safetensors", field="adapter") from error
            return encoder.eval().to(pipe._execution_device)
    raise BadInput(f"beside {path.name} there is no image encoder that it was taught with; put its folder image_encoder there", field="adapter")


def _wanted(path: Path) -> int:
    """What the adapter takes of each picture: numbers in all, or numbers a patch."""
    from safetensors import safe_open

    with safe_open(str(path), framework="pt") as file:
        for name in ("image_proj.proj.weight", "image_proj.proj_in.weight", "image_proj.proj.0.weight"):
            if name in file.keys():  # noqa: SIM118 (no mapping)
                return int(file.get_slice(name).get_shape()[1])
    raise BadInput(f"{path.name} is of a kind of IP-Adapter that is not known here", field="adapter")


def _extractor(encoder: Any) -> Any:
    from transformers import CLIPImageProcessor

    side = encoder.config.image_size
    return CLIPImageProcessor(size={"shortest_edge": side}, crop_size={"height": side, "width": side})
