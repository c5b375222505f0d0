"""What ``evaluate_motif.py`` measures: every row of the model card, by the path that drawing takes at run time.

Drawings come from onnxruntime through engines/motif; the judge and the measures are in blender_jewelgen/learning. All seeds are fixed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F

from blender_jewelgen.core.errors import BadInput
from blender_jewelgen.core.pattern import drawn
from blender_jewelgen.core.words.vectors import embed
from blender_jewelgen.engines import motif
from blender_jewelgen.engines.motif.drawing import CANDIDATES, fresh
from blender_jewelgen.engines.motif.files import Model
from blender_jewelgen.engines.motif.sampler import LOOSE, Plan, sample
from blender_jewelgen.engines.motif.words import listen
from blender_jewelgen.learning import measures
from blender_jewelgen.learning.cells import REACH, Cells, figure_cells
from blender_jewelgen.learning.figures import FIGURES
from blender_jewelgen.learning.judge import CLASSES, Judge, class_of_figure, taught_classes
from blender_jewelgen.learning.motif_batches import two_in_one, warped
from blender_jewelgen.learning.taught import SUBJECTS
from blender_jewelgen.learning.unseen import UNSEEN

BLENDS = (
    "dragon+lotus lion+sun eagle+crown butterfly+heart owl+moon snake+rose fish+wave horse+wing wolf+moon cat+star turtle+shell octopus+anchor "
    "scorpion+star seahorse+shell spider+flower bird+crown skull+rose bee+flower heart+key tree+sun feather+star rabbit+moon elephant+lotus dolphin+wave "
    "frog+leaf bear+mountain deer+tree crab+star bat+moon panda+bamboo"
)
PAIRS = [tuple(pair.split("+")) for pair in BLENDS.split()]


@dataclass(eq=False)
class Bench:
    """What every measurement needs; ``seconds`` collects how long each took."""

    model: Model
    cells: Cells
    judge: Judge
    quick: bool = False
    kept: dict[str, np.ndarray] = field(default_factory=dict)  # raw drawings by set, (n, 64, 64)
    said: dict[str, list[str]] = field(default_factory=dict)  # what each was asked for
    seconds: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.classes = taught_classes(self.cells)
        self.first_figure = self.cells.names.index(next(iter(FIGURES)))
        self.drawings = np.flatnonzero(self.classes[: self.first_figure] >= 0)

    def vectors(self, prompts: list[str]) -> np.ndarray:
        """(n, 96) vectors of captions as they were taught."""
        return np.stack([embed([(prompt, 1.0)]) for prompt in prompts])

    def draw(self, words: np.ndarray, seed: int, steps: int = 8, guidance: float = 2.0) -> np.ndarray:
        """(n, 64, 64) drawings from word vectors alone, as the net leaves them and the program invents them."""
        made = []
        for first in range(0, len(words), 8):
            part = words[first : first + 8]
            tried = []
            for tries in range(CANDIDATES):
                noise = np.stack([np.random.default_rng([seed, first + k, tries]).standard_normal((64, 64), np.float32) for k in range(len(part))])
                plan = Plan(noise, part, np.zeros_like(part), None, np.ones(len(part), np.float32), heed=LOOSE)
                tried.append(sample(self.model.direction, plan, steps, guidance, lambda *_: None))
            made += [several[fresh(self.model, word, several)] for word, several in zip(part, np.stack(tried, 1), strict=True)]
        return np.stack(made)

    def real(self, rows: np.ndarray, seed: int) -> np.ndarray:
        """(n, 64, 64) real cells, turned and bent as in training, but by other chances."""
        cells = torch.from_numpy(self.cells.shapes[rows])[:, None].float() * (REACH / 127.0)
        return warped(cells, torch.Generator().manual_seed(seed))[:, 0].numpy()

    def plain(self, rows: np.ndarray) -> np.ndarray:
        """(n, 64, 64) real cells as they are."""
        cells = torch.from_numpy(self.cells.shapes[rows])[:, None].float() * (REACH / 127.0)
        return F.interpolate(cells, (64, 64), mode="area")[:, 0].numpy()

    def right(self, fields: np.ndarray, wanted: list[tuple[int, ...]], among: int = 1) -> float:
        """Share of drawings that the judge, shown them as they are finished, puts among its first ``among`` guesses."""
        order = np.argsort(-self.judge.shares(fields), axis=1)[:, :among]
        return float(np.mean([bool(set(row) & set(good)) for row, good in zip(order.tolist(), wanted, strict=True)]))


def finished(fields: np.ndarray) -> np.ndarray:
    """(n, 64, 64) of drawings after the standard clean-up."""
    return np.stack([drawn.enlarged(drawn.cleaned(one), drawn.CELL) for one in fields])


def named(bench: Bench) -> dict:
    """Motifs named in training: what the judge sees in them, against real cells warped anew and figures of new numbers."""
    seeds = range(2 if bench.quick else 4)
    subjects = list(SUBJECTS)
    wanted = [(CLASSES.index(name),) for name in subjects] * len(seeds)
    made = np.concatenate([bench.draw(bench.vectors(subjects), 100 + seed) for seed in seeds])
    bench.kept["subjects"], bench.said["subjects"] = made, subjects * len(seeds)
    figures = figure_cells(84 if bench.quick else 168, seed=9001)
    captions = [row[0] for row in figures.captions]
    of_figures = [(class_of_figure(name, words),) for name, words in zip(figures.names, captions, strict=True)]
    bench.kept["figures"], bench.said["figures"] = bench.draw(bench.vectors(captions), 200), captions
    chance = np.random.default_rng(3)  # one real drawing for each prompt, so that classes weigh the same
    rows = np.array([chance.choice(bench.drawings[bench.classes[bench.drawings] == good[0]]) for good in wanted])
    real, real_figures = bench.real(rows, 11), warped_cells(figures, 12)
    bench.kept["real"] = real
    ends = {}
    for name, ours, theirs, good in (("subjects", made, real, wanted), ("figures", bench.kept["figures"], real_figures, of_figures)):
        ours, theirs = finished(ours), finished(theirs)
        bench.kept[f"{name} finished"] = ours
        for among in (1, 5):
            ends[f"{name} top-{among}"] = bench.right(ours, good, among)
            ends[f"{name} top-{among}, real cells"] = bench.right(theirs, good, among)
        ends[f"{name}, share of real cells"] = ends[f"{name} top-1"] / ends[f"{name} top-1, real cells"]
    heard = [_heard(name) for name in subjects]
    by_path = np.stack([vector for vector in heard if vector is not None])
    good = [wanted[k] for k, vector in enumerate(heard) if vector is not None]
    ends["subjects top-1, by the word path"] = bench.right(finished(bench.draw(by_path, 500)), good) * len(good) / len(subjects)
    weight = len(wanted), len(of_figures)
    ours, theirs = (np.average([ends[f"subjects top-1{end}"], ends[f"figures top-1{end}"]], weights=weight) for end in ("", ", real cells"))
    ends["share of real cells"] = float(ours / theirs)
    kept = [drawings[-1] for drawings in SUBJECTS.values() if len(drawings) >= 4]
    rows = np.array([bench.cells.names.index(name) for name in kept])
    good = [(CLASSES.index(bench.cells.captions[k][0]),) for k in rows]
    ends["drawings never taught, top-1"], ends["drawings never taught, top-5"] = (bench.right(bench.plain(rows), good, among) for among in (1, 5))
    return ends


def _heard(prompt: str) -> np.ndarray | None:
    """(96,) vector of a prompt as the program hears it, or None if it does not know it."""
    try:
        return listen(prompt).vector
    except BadInput:
        return None


def warped_cells(cells: Cells, seed: int) -> np.ndarray:
    """All cells of a heap, turned and bent."""
    shapes = torch.from_numpy(cells.shapes)[:, None].float() * (REACH / 127.0)
    return warped(shapes, torch.Generator().manual_seed(seed))[:, 0].numpy()


def clean(bench: Bench) -> dict:
    """Faults of drawings as the net leaves them, against real cells of the same subjects; and whether finished ones are sound."""
    ends: dict = {}
    for name in ("subjects", "real"):
        found = [measures.faults(one) for one in bench.kept[name]]
        for kind in found[0]:
            ends[f"{kind}, {name}"] = float(np.mean([one[kind] for one in found]))
    for kind in ("thin cuts", "specks"):
        ends[f"{kind}, ratio"] = ends[f"{kind}, subjects"] / max(ends[f"{kind}, real"], 1e-9)
    after = [drawn.cleaned(one) for one in (*bench.kept["subjects"], *bench.kept["figures"])]
    ends["sound after clean-up"] = float(np.mean([measures.sound(one) for one in after]))
    return ends


def unseen(bench: Bench) -> dict:
    """Words that no caption has, through the word path of the program; unknown ones count as wrong."""
    held = " ".join(" ".join(row) for k, row in enumerate(bench.cells.captions) if not bench.cells.held[k]).split()
    known = {word for word in UNSEEN if word in set(held)}
    assert not known, f"in captions: {known}"
    heard: dict[str, str] = {}
    vectors, wanted, words = [], [], []
    for word, right in UNSEEN.items():
        try:
            spoken = listen(word)
        except BadInput:
            heard[word] = "unknown"
            continue
        heard[word] = spoken.words
        vectors.append(spoken.vector)
        wanted.append(tuple(CLASSES.index(name) for name in right))
        words.append(word)
    seeds = range(2)
    made = finished(np.concatenate([bench.draw(np.stack(vectors), 300 + seed) for seed in seeds]))
    bench.kept["unseen"], bench.said["unseen"] = made, words * len(seeds)
    order = np.argsort(-bench.judge.shares(made), 1)
    hit = [[bool(set(row[:among]) & set(good)) for row, good in zip(order.tolist(), wanted * len(seeds), strict=True)] for among in (1, 5)]
    total = len(seeds) * len(UNSEEN)
    by_word = {word: np.mean([h for h, w in zip(hit[1], words * len(seeds), strict=True) if w == word]) for word in words}
    return {
        "top-1": sum(hit[0]) / total, "top-5": sum(hit[1]) / total, "words": len(UNSEEN), "unknown": [w for w, s in heard.items() if s == "unknown"],
        "missed": {word: heard[word] for word, share in by_word.items() if share == 0.0},
        "top-5, English": float(np.mean([by_word.get(word, 0.0) for word in UNSEEN if word.isascii()])),
        "top-5, Chinese": float(np.mean([by_word.get(word, 0.0) for word in UNSEEN if not word.isascii()])),
    }  # fmt: skip


def apart(bench: Bench) -> dict:
    """Two seeds of the same words: are they further apart than two warped copies of one drawing of that subject mostly are?"""
    count, copies = len(SUBJECTS), 8 if bench.quick else 16
    rows = np.array([next(k for k in bench.drawings if bench.classes[k] == CLASSES.index(name)) for name in SUBJECTS])
    ours = measures.pair_distance(bench.kept["subjects"][:count], bench.kept["subjects"][count : 2 * count])
    many = np.tile(rows, copies)
    bent = measures.pair_distance(bench.real(many, 21), bench.real(many, 22)).reshape(copies, count)
    return {
        "above the median of copies": float(np.mean(ours > np.median(bent, 0))), "above 90 % of copies": float(np.mean(ours > np.percentile(bent, 90, 0))),
        "median": float(np.median(ours)), "median of copies": float(np.median(bent)),
    }  # fmt: skip


def novelty(bench: Bench) -> dict:
    """Distance to the nearest taught drawing in any pose, against the distances of warped copies of that same drawing to it.

    A slender drawing differs more from its own copies than a stout one, so each is its own yardstick.
    """
    taught, copies = bench.plain(bench.drawings), 10 if bench.quick else 20
    bent = measures.pair_distance(bench.real(np.tile(bench.drawings, copies), 31), np.tile(taught, (copies, 1, 1))).reshape(copies, -1)
    ends: dict = {"copies": _curve(bent.ravel())}
    for name in ("subjects", "blends", "sketched"):
        like = measures.likeness(bench.kept[name][: 2 * len(SUBJECTS)], taught)
        near, far = like.argmax(1), 1.0 - like.max(1)
        ends[name] = {f"further than {share} % of copies": float(np.mean(far > np.percentile(bent, share, 0)[near])) for share in (50, 75, 90, 95)}
        ends[name] |= {"curve": _curve(far), "copy of a drawing (likeness over 0.8)": float(np.mean(far < 0.2))}
    return ends


def _curve(distances: np.ndarray) -> list[float]:
    """Every fifth percentile."""
    return [round(float(v), 3) for v in np.percentile(distances, np.arange(5, 100, 5))]


def blends(bench: Bench) -> dict:
    """Half of one and half of the other: does the judge see both? Beside real cells with two drawings in one."""
    ends: dict = {}
    count = 2 if bench.quick else 4
    made, goods = [], []
    for number, (one, two) in enumerate(PAIRS):
        found = motif.draw(motif.Wish(prompt=one, blend=two, function="blend", count=count, seed=number), lambda *_: None)
        made += [drawn.enlarged(each.field, drawn.CELL) for each in sorted(found, key=lambda each: each.number)]
        goods += [(CLASSES.index(one), CLASSES.index(two))] * count
    bench.kept["blends"], bench.said["blends"] = np.stack(made), [f"{one} + {two}" for one, two in PAIRS for _ in range(count)]
    halves = np.stack([sum(bench.vectors(list(pair))) for pair in PAIRS])
    by_words = finished(bench.draw(halves / np.linalg.norm(halves, axis=1, keepdims=True), 400))
    bench.kept["blends by words"], bench.said["blends by words"] = by_words, [f"{one} + {two}" for one, two in PAIRS]
    sides = [np.array([next(k for k in bench.drawings if bench.classes[k] == CLASSES.index(pair[side])) for pair in PAIRS]) for side in (0, 1)]
    small = torch.from_numpy(bench.cells.small[np.concatenate(sides)])[:, None].float() * (REACH / 127.0)
    chance = torch.Generator().manual_seed(41)
    real = two_in_one(warped(small, chance), chance)[:, 0].numpy()
    for name, fields, good in (("", bench.kept["blends"], goods), (", by words alone", by_words, goods[::count]), (", real cells of two", finished(real), goods[::count])):
        split, five, first = (np.array(column) for column in zip(*_seen(bench.judge.shares(fields), good), strict=True))
        ends |= {f"split{name}": float(split.mean()), f"both in top five{name}": float(five.mean()), f"one first{name}": float(first.mean())}
        if not name:
            ends["pairs with at least one that splits"] = float(split.reshape(-1, count).any(1).mean())
    return ends


def _seen(shares: np.ndarray, goods: list[tuple[int, int]]) -> list[tuple[bool, bool, bool]]:
    """For each drawing: both are the first two guesses or have a quarter each; both are in the first five; one is the first."""
    order = np.argsort(-shares, 1).tolist()
    return [
        (bool(min(row[a], row[b]) >= 0.25) or {a, b} == set(first[:2]), {a, b} <= set(first[:5]), first[0] in (a, b))
        for row, first, (a, b) in zip(shares, order, goods, strict=True)
    ]


def sketched(bench: Bench) -> dict:
    """Scribbles: drawings that were never taught, bent; the outline of the motif against theirs."""
    rows = np.array([bench.cells.names.index(drawings[-1]) for drawings in SUBJECTS.values() if len(drawings) >= 4])
    rows = np.concatenate([rows, bench.first_figure + np.flatnonzero(bench.cells.held[bench.first_figure :])[: 8 if bench.quick else 21]])
    scribbles = bench.real(rows, 51)
    ends: dict = {}
    bench.kept["scribbles"], bench.said["scribbles"] = scribbles, [bench.cells.captions[k][0] for k in rows]
    for strength in (0.5, 0.7, 0.85, 0.95):
        made = []
        for number, (row, scribble) in enumerate(zip(rows, scribbles, strict=True)):
            wish = motif.Wish(prompt=bench.cells.captions[row][0], function="sketch", sketch=scribble, strength=strength, count=1, seed=number)
            made.append(motif.draw(wish, lambda *_: None)[0].field)
        ends[f"F1 at {strength:g}"] = float(np.mean([measures.followed(one, two) for one, two in zip(made, scribbles, strict=True)]))
        bench.kept[f"sketched {strength:g}"] = np.stack([drawn.enlarged(one, drawn.CELL) for one in made])
    bench.kept["sketched"] = bench.kept["sketched 0.85"]
    own = [measures.followed(drawn.cleaned(one), one) for one in scribbles]
    ends["F1 of the scribble itself, cleaned"] = float(np.mean(own))
    return ends


def repaired(bench: Bench) -> dict:
    """A region of a drawing made anew: what changed outside of it, and inside."""
    outside, inside, shown = [], [], []
    y, x = np.mgrid[:128, :128]
    for number, (name, subject) in enumerate((("lion", "lion"), ("crown", "crown"), ("sea-turtle", "turtle"), ("owl", "owl"), ("anchor", "anchor"), ("dragon-head", "dragon"))):
        start = drawn.enlarged(drawn.drawing_of(name), 128)
        mask = np.hypot(x - (44 + 8 * number), y - (80 - 6 * number)) < 26
        for one in motif.draw(motif.Wish(prompt=subject, function="inpaint", start=start, mask=mask, count=2, seed=number), lambda *_: None):
            outside.append(float(np.abs(one.field - start)[~mask].max()))
            inside.append(float(((one.field > 0) ^ (start > 0))[mask].mean()))
        shown += [start, np.where(mask & (np.hypot(x - (44 + 8 * number), y - (80 - 6 * number)) > 24), -6.0, start), one.field]
    bench.kept["repaired"] = np.stack([drawn.enlarged(one.astype(np.float32), drawn.CELL) for one in shown])
    return {"most changed outside": max(outside), "share changed inside": float(np.mean(inside))}


def heaps(bench: Bench, untrained: np.ndarray) -> dict:
    """KID by random features against drawings and figures that were never taught."""
    held = np.flatnonzero(bench.cells.held)
    library, figures = held[held < bench.first_figure], held[held >= bench.first_figure]
    some = np.random.default_rng(61).choice(library, 240, replace=False)
    see = measures.RandomFeatures()
    aim = see(np.concatenate([bench.plain(some), bench.plain(figures[:80])]))
    scale, middle = aim.std(0) + 1e-9, aim.mean(0)

    def far(*parts: np.ndarray) -> float:
        return measures.kid((see(np.concatenate(parts)) - middle) / scale, (aim - middle) / scale)

    others = np.random.default_rng(62).choice(np.setdiff1d(library, some), 240, replace=False)
    taught = np.random.default_rng(63).choice(bench.drawings, 240)
    shown = np.flatnonzero(~bench.cells.held[bench.first_figure :])[:80] + bench.first_figure
    return {
        "model": far(bench.kept["subjects finished"][:240], bench.kept["figures finished"][:80]),
        "library with augmentation": far(bench.real(taught, 64), bench.real(shown, 65)),
        "other drawings never taught": far(bench.plain(others), bench.plain(figures[80:160])),
        "untrained model": far(untrained),
    }  # fmt: skip


def timed(bench: Bench) -> dict:
    """Words to eight finished motifs, and the passes of the net alone; the best of several, in turn."""
    whole, bare = [], []
    wish = motif.Wish(prompt="dragon", function="invent", count=8, seed=1)
    sizes: list[int] = []
    direction = Model.direction
    try:
        Model.direction = lambda model, cell, *rest: sizes.append(len(cell)) or direction(model, cell, *rest)
        motif.draw(wish, lambda *_: None)
    finally:
        Model.direction = direction
    for _ in range(4 if bench.quick else 8):
        began = time.perf_counter()
        motif.draw(wish, lambda *_: None)
        whole.append(time.perf_counter() - began)
        began = time.perf_counter()
        for size in sizes:
            bench.model.direction(np.zeros((size, 64, 64), np.float32), np.full(size, 0.5, np.float32), np.zeros((size, 96), np.float32))
        bare.append(time.perf_counter() - began)
    cells = bench.kept["subjects"][:8]
    began = time.perf_counter()
    for one in cells:
        drawn.cleaned(one)
    tidy = time.perf_counter() - began
    return {"clean-up of eight": tidy, "seconds": min(whole), "seconds, median": float(np.median(whole)), "bare passes": min(bare), "overhead": min(whole) / min(bare) - 1.0}
