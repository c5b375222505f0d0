"""How a picture becomes a height: parameters of ``methods.height_of``."""

from __future__ import annotations

from dataclasses import dataclass

from ..params import check_limits, choice, number, switch, whole

MODELS = ("marigold", "depth-anything")  # what sees depth in photographs, in a Python that has torch
METHODS = ("auto", "height", "luminance", "shading", "line", "drawing", "normals", "depth", "model", *MODELS)
WAYS = ("auto", "opengl", "directx")


@dataclass(frozen=True, kw_only=True)
class HeightParams:
    """How a picture becomes a height."""

    method: str = choice("auto", METHODS, "How the height is found; auto looks at the picture and says why")
    azimuth: float | None = number(None, -360.0, 360.0, "degrees", "Where the light of a photograph stands: 0 right, 90 above, 135 upper left")
    elevation: float | None = number(None, 5.0, 90.0, "degrees", "How high that light stands above the picture")
    width: float = number(20.0, 1.0, 300.0, "mm", "Width of the picture on the piece, which depth and features are measured by")
    relief_depth: float | None = number(None, 0.02, 20.0, "mm", "Depth that a deeper height is pressed into, its detail kept; empty keeps its proportions")
    flatten: float = number(0.0, 0.0, 1.0, "", "How far large shapes are lowered in favour of detail")
    denoise: float = number(0.0, 0.0, 1.0, "", "Smooth noise and keep edges: 0.1 for grain, 1 for anything under a tenth of the depth")
    feature: float = number(0.0, 0.0, 5.0, "mm", "Ridges and grooves narrower than this are lowered and filled, the more the narrower")
    nested: str = choice("auto", ("auto", "rise", "sink"), "Parts of a drawing within other parts: auto lets small ones rise and large ones sink")
    normal_map: str = choice("auto", WAYS, "Green of a normal map: opengl is up, directx is down, auto finds out")
    invert: bool = switch(False, "Dark is high")
    seamless: bool = switch(False, "The right side runs on into the left one, as round a ring")
    crop: bool = switch(True, "Leave out the plain or transparent ground round a thing")

    def __post_init__(self) -> None:
        check_limits(self)

    @property
    def light(self) -> tuple[float, float]:
        """(azimuth, elevation) in degrees; half high from the upper left where none is said, as draughtsmen light."""
        return (135.0 if self.azimuth is None else self.azimuth), (45.0 if self.elevation is None else self.elevation)

    @property
    def light_known(self) -> bool:
        return self.azimuth is not None or self.elevation is not None


@dataclass(frozen=True, kw_only=True)
class SeeingParams:
    """How a model sees depth in a picture."""

    seed: int = whole(0, 0, 2_147_483_647, "", "Seed of Marigold's noise; the same seed sees the same")
    ensemble: int = whole(1, 1, 20, "times", "How often Marigold looks; the answers are fitted to each other and their median taken")
    steps: int | None = whole(None, 1, 100, "", "Denoising steps of Marigold; empty: the model's own")
    resolution: int | None = whole(None, 64, 4096, "px", "Longer side that the model works at; empty: the model's own")

    def __post_init__(self) -> None:
        check_limits(self)
