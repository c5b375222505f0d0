"""The engines that make bodies of pictures. A new one is a row here and a module with ``make(order, tell) -> Body``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING

from ...core.params import pick

if TYPE_CHECKING:
    from ...core.body import Body, BodyOrder, Tell

KINDS = ("embedded", "local", "server", "remote")


@dataclass(frozen=True, kw_only=True)
class BodyCard:
    """One engine: enough to choose it by, and to credit it in a recipe."""

    name: str
    label: str
    kind: str  # one of KINDS
    module: str  # of engines, with ``make``
    licence: str
    words: bool = False  # makes bodies of words alone, too
    key: str = ""  # provider whose key it needs
    note: str = ""

    def credit(self) -> dict[str, str]:
        """What a recipe keeps."""
        return {"name": self.name, "revision": "", "licence": self.licence}


CARDS: tuple[BodyCard, ...] = (
    BodyCard(name="ring", label="Fit a ring of ours to the picture", kind="embedded", module="bodies.ring", licence="GPL-3.0-or-later"),
    BodyCard(name="relief", label="Medallion or plaque with the picture as relief", kind="embedded", module="bodies.relief", licence="GPL-3.0-or-later"),
    BodyCard(name="file", label="A mesh that is there already", kind="embedded", module="bodies.file", licence="that of the file"),
    BodyCard(name="shap-e", label="Shap-E", kind="local", module="bodies.shap_e", licence="MIT", words=True, note="coarse; for lessons"),
    BodyCard(name="triposr", label="TripoSR", kind="local", module="bodies.triposr", licence="MIT"),
    BodyCard(name="triposg", label="TripoSG", kind="local", module="bodies.triposg", licence="MIT"),
    BodyCard(name="hunyuan-server", label="Hunyuan3D server", kind="server", module="remote.hunyuan", licence="Tencent Hunyuan 3D Community: not in the EU, the UK and South Korea"),
    BodyCard(name="comfyui", label="ComfyUI server", kind="server", module="remote.comfyui", licence="that of the models in the workflow"),
    BodyCard(name="meshy", label="Meshy", kind="remote", module="remote.meshy", licence="Meshy terms", key="meshy", words=True),
    BodyCard(name="tripo", label="Tripo", kind="remote", module="remote.tripo", licence="Tripo terms", key="tripo", words=True),
    BodyCard(name="rodin", label="Rodin", kind="remote", module="remote.rodin", licence="Hyper3D terms", key="rodin", words=True),
    BodyCard(name="stability", label="Stability AI", kind="remote", module="remote.stability", licence="Stability AI terms", key="stability"),
)
_BY_NAME = {card.name: card for card in CARDS}
assert len(_BY_NAME) == len(CARDS), "two engines share a name"


def card(name: str) -> BodyCard:
    """The card of an engine. Raises BadInput for an unknown name."""
    return _BY_NAME[pick(name, ("auto", *_BY_NAME), "engine")] if name != "auto" else CARDS[0]


def make(order: BodyOrder, tell: Tell) -> Body:
    """Have the engine named in the order make its body; "auto" takes a mesh as it is, fits a ring where one is seen, else raises a relief. Raises BadInput."""
    from .file import is_mesh

    note = ""
    if is_mesh(order.picture):
        order = replace(order, params=replace(order.params, engine="file"))
    elif order.params.engine == "auto":
        from .auto import chosen

        order, note = chosen(order, lambda share, text: tell(0.4 * share, text))
    found = card(order.params.engine)
    body = import_module(f"..{found.module}", __package__).make(order, tell)
    return replace(body, credit=found.credit() | body.credit, notes=((note, *body.notes) if note else body.notes))
