"""A model comes from a hub to this disk after its licence was accepted; names are given to own folders; what was fetched goes again."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...core.errors import BadInput, Fix
from . import hub, judged, models, places
from . import resolve as weights
from .chosen_files import want
from .download import bring, judged_path
from .models import ModelCard

Tell = Callable[[float, str], None]


def fetch(
    text: str, accept: bool = False, to: str | Path | None = None, tell: Tell | None = None, commercial_only: bool | None = None, pause: float = 1.0
) -> list[Path]:
    """Fetch a model, and the models it is laid on, by name or hub id; gives their folders. What is here already is not fetched again.

    Raises BadInput: licence not accepted, not commercial, token missing, no network, too little disk, damaged; Cancelled by
    ``tell``. What came so far is kept, and the next call goes on with it.
    """
    name, _, revision = text.strip().removeprefix("diffusers:").partition("@")
    card = next((one for one in models.cards() if name in (one.name, one.hub)), None)
    if card is None and not weights.HUB.fullmatch(name):
        models.card(name)  # says which name is nearest
    if card is not None and not card.fetchable:
        raise BadInput(f"{card.label} cannot be fetched: {card.note}", field="model")
    say = tell or (lambda share, told: None)
    done: list[Path] = []
    several = [name, *(card.companions if card else ())]
    for number, one in enumerate(several):
        asked = revision if number == 0 else ""
        share, step = number / len(several), 1.0 / len(several)
        done.append(_one(one, asked, accept, to, lambda part, told, at=share, of=step: say(at + of * part, told), commercial_only, pause))
    return done


def _one(name: str, revision: str, accept: bool, to: str | Path | None, tell: Tell, commercial_only: bool | None, pause: float) -> Path:
    card = next((one for one in models.cards() if name in (one.name, one.hub)), None)
    place = places.where(to)
    if card is not None:  # of a model of the table everything is known before the hub is asked
        weights.allow(card, commercial_only)
        consent(card, accept)
    ours = places.fetched(card.hub if card else name, card.name if card and card.files else "", revision, place)
    if ours is not None and ((ours / places.OWN).is_file() or _whole(ours, card)):
        return ours
    hub.allowed()
    tell(0.0, f"asking the hub for {name}")
    wanted = want(card or name, revision, lambda told: tell(0.0, told or f"asking the hub for {name}"), pause)
    if card is None:
        weights.allow(wanted.card, commercial_only)
        consent(wanted.card, accept)
    return bring(wanted, place, tell, revision, pause)


def consent(card: ModelCard, accept: bool) -> None:
    """Raises BadInput with the terms unless they were accepted now or before; remembers that they were."""
    kept = places.settings().accepted
    if kept.get(card.hub, {}).get("licence") == card.licence.label:
        return
    if not accept:
        clauses = "".join(f"; {clause}" for clause in card.licence.clauses)
        clauses += "".join(f"; it needs {other.label}, {other.licence.summary}" for other in map(models.card, card.companions))
        raise BadInput(
            f"{card.label} comes under {card.licence.summary}{clauses}; read {card.licence.page or card.page} and accept it first", field="model",
            fix=Fix("Accept and Fetch", f"jewelgen models fetch {card.name} --accept"),
        )  # fmt: skip
    places.change(accepted=kept | {card.hub: {"licence": card.licence.label, "date": time.strftime("%Y-%m-%d")}})


def remove(name: str, to: str | Path | None = None) -> list[Path]:
    """Delete what was fetched of a model, halves too, or forget a name that was added, whose files stay; gives the folders that went.

    Shared folders and the hub's own cache are never touched. Raises BadInput if there is nothing to remove.
    """
    kept = dict(places.settings().added)
    if kept.pop(name, None) is not None:
        places.change(added=kept)
        return []
    card = next((one for one in models.cards() if name in (one.name, one.hub)), None)
    if card is None and not weights.HUB.fullmatch(name):
        models.card(name)
    shelf = places.folder_of(card.hub if card else name, card.name if card and card.files else "", "x", places.where(to)).parent
    if not shelf.is_dir():
        raise BadInput(f"nothing of {name} is in {places.where(to)}; shared folders are only read", field="model")
    gone = [folder for folder in shelf.iterdir() if folder.is_dir()]
    try:
        shutil.rmtree(shelf)
    except OSError as error:
        raise BadInput(f"{shelf} cannot be deleted ({error.strerror or error}); is it in use?", field="model") from error
    return gone


def add(path: str | Path, name: str, licence: str = "") -> weights.Weights:
    """Give the person's own folder or file a name; it stays where it is. Raises BadInput as ``weights.judge`` does."""
    name = name.strip()
    if not name or "/" in name or "@" in name or len(name) > 60:
        raise BadInput(f"the name {name[:60]!r} cannot be used; take a short one without / and @", field="model")
    if any(one.name == name for one in models.cards()):
        raise BadInput(f"{name} is the name of a known model; take another", field="model")
    made = judged.judge(Path(path).expanduser().absolute(), name)
    row: dict[str, Any] = {"path": str(made.path if Path(path).expanduser().is_file() else Path(path).expanduser().absolute())}
    places.change(added=places.settings().added | {name: row | ({"licence": licence} if licence else {})})
    return weights.resolve(name, commercial_only=False)


def _whole(folder: Path, card: ModelCard | None) -> bool:
    """Whether a folder that another program fetched can be used as it is."""
    try:
        judged.judge(judged_path(folder, card) if card else folder, card.name if card else folder.name, card)
    except BadInput:
        return False
    return True
