"""The tools of the engraver's bench: wires, blades, domes and beads laid over one another on a canvas of heights.

A `Pen` draws in coordinates of its own, moved, turned, scaled or mirrored. Everything is drawn only in the window it touches, and
once more for each period when the canvas closes on itself.

Numbers that meet a float32 canvas are plain floats: a numpy float64 beside it would be float32 arithmetic in numpy 1 and float64 in
numpy 2, and the same recipe would no longer give the same picture in every Blender.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..height.filters import sample
from .canvas import Canvas, Place, Profile, beaten, channel, curve, reeded, round_wire, spiral

__all__ = ["Canvas", "Pen", "Profile", "beaten", "channel", "curve", "reeded", "round_wire", "spiral"]


@dataclass(frozen=True)
class Pen:
    """A place on a canvas from which to draw: origin, scale, angle (radians) and whether left and right are exchanged."""

    canvas: Canvas
    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0
    angle: float = 0.0
    flip: bool = False
    lift: float = 1.0

    def __post_init__(self) -> None:
        for name in ("x", "y", "scale", "angle", "lift"):
            object.__setattr__(self, name, float(getattr(self, name)))

    def at(self, x: float, y: float, scale: float = 1.0, angle: float = 0.0, flip: bool = False, lift: float = 1.0) -> Pen:
        """A pen at (x, y) of this one."""
        (px, py), turn = self.point(x, y), -angle if self.flip else angle
        return replace(self, x=px, y=py, scale=self.scale * scale, angle=self.angle + turn, flip=self.flip ^ flip, lift=self.lift * lift)

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Where (x, y) of this pen lies on the canvas."""
        x, y = (-x if self.flip else x) * self.scale, y * self.scale
        c, s = math.cos(self.angle), math.sin(self.angle)
        return float(self.x + c * x - s * y), float(self.y + s * x + c * y)

    def points(self, points: np.ndarray) -> np.ndarray:
        """(n, 2) places on the canvas."""
        p = np.asarray(points, np.float64) * self.scale
        x, y = (-p[:, 0] if self.flip else p[:, 0]), p[:, 1]
        c, s = math.cos(self.angle), math.sin(self.angle)
        return np.stack([self.x + c * x - s * y, self.y + s * x + c * y], 1)

    def dome(self, x: float, y: float, radius: float, height: float = 1.0, foot: float = 0.0, gap: float = 0.0) -> None:
        """A bead: half a sphere on a foot."""
        cx, cy = self.point(x, y)
        r, gap, height, foot = (float(v) for v in (radius * self.scale, gap * self.scale, height * self.lift, foot * self.lift))
        reach = r + gap + self.canvas.pixel
        for place, px, py in self.canvas.windows(cx - reach, cx + reach, cy - reach, cy + reach):
            d2 = (px - cx) ** 2 + (py - cy) ** 2
            bulge = foot + (height - foot) * np.sqrt(np.maximum(1.0 - d2 / (r * r), 0.0))
            self.canvas.over(place, r - np.sqrt(d2), bulge, gap)

    def ring(self, x: float, y: float, radius: float, half: float, height: float = 1.0, profile: Profile = round_wire) -> None:
        """A round wire bent to a circle; the higher of it and what lies there stands."""
        cx, cy = self.point(x, y)
        r, h, height = float(radius * self.scale), float(half * self.scale), float(height)
        for place, px, py in self.canvas.windows(cx - r - h, cx + r + h, cy - r - h, cy + r + h):
            v = (np.hypot(px - cx, py - cy) - r) / h
            self.canvas.max(place, height * self.lift * np.where(np.abs(v) < 1, profile(np.clip(v, -1, 1), v * 0), 0.0).astype(np.float32))

    def stamp(self, cell: np.ndarray, x: float, y: float, size: float) -> None:
        """A square picture of heights, ``size`` wide, its middle at (x, y); the higher of it and what lies there stands."""
        cx, cy = self.point(x, y)
        n, side = len(cell), float(size * self.scale)
        c, s = math.cos(self.angle), math.sin(self.angle)
        reach = side / 2 * (abs(c) + abs(s))
        padded = np.pad(np.asarray(cell, np.float32), 1)
        for place, px, py in self.canvas.windows(cx - reach, cx + reach, cy - reach, cy + reach):
            dx, dy = (px - cx) / side, (py - cy) / side
            u, v = c * dx + s * dy, c * dy - s * dx
            self.canvas.max(place, self.lift * sample(padded, (0.5 - u if self.flip else 0.5 + u) * n + 0.5, (0.5 - v) * n + 0.5))

    def blade(
        self,
        base: tuple[float, float],
        tip: tuple[float, float],
        half: float,
        *,
        root: float = 0.7,
        end: float = 0.9,
        bend: float = 0.0,
        low: float = 0.3,
        high: float = 1.0,
        tilt: float = 0.0,
        rib: float = 0.0,
        rim: float = 0.0,
        cup: float = 0.0,
        veins: float = 0.0,
        vein: float = 0.1,
        gap: float = 0.0,
    ) -> None:
        """A leaf or petal from ``base`` to ``tip``, at most ``half`` wide to each side.

        ``root`` and ``end`` round (0.5) or sharpen (1 and more) its two ends; ``bend`` curves it to the left by that part of its
        length. It stands ``low`` at the edge and ``high`` in the middle, more towards the tip by ``tilt``. ``rib`` cuts (or raises,
        when negative) a middle vein, ``rim`` raises the contour, ``cup`` hollows it, ``veins`` side veins ``vein`` high.
        """
        (bx, by), (tx, ty) = self.point(*base), self.point(*tip)
        long = math.hypot(tx - bx, ty - by)
        half, gap, bend = float(half * self.scale), float(gap * self.scale), float((-bend if self.flip else bend) * long)
        root, end, low, high, tilt, rib, rim, cup, veins, vein = (float(v) for v in (root, end, low, high, tilt, rib, rim, cup, veins, vein))
        if long <= 0 or half <= 0:
            return
        ux, uy = (tx - bx) / long, (ty - by) / long
        belly = root / (root + end)
        reach = half + abs(bend) + gap + self.canvas.pixel
        spread = long * 0.02 + gap + self.canvas.pixel
        for place, x, y in self.canvas.windows(
            min(bx, tx) - reach * abs(uy) - spread, max(bx, tx) + reach * abs(uy) + spread,
            min(by, ty) - reach * abs(ux) - spread, max(by, ty) + reach * abs(ux) + spread,
        ):
            x, y = x - np.float32(bx), y - np.float32(by)
            a = (x * ux + y * uy) / long
            across = y * ux - x * uy - (4 * bend) * a * (1.0 - a)
            inner = np.clip(a, 1e-4, 1 - 1e-4)
            width = half * (inner / belly) ** root * ((1.0 - inner) / (1 - belly)) ** end
            slope = width / long * (root / inner - end / (1.0 - inner))
            wide = np.abs(across)
            free = width - wide
            inside = free / np.sqrt(1.0 + np.minimum(slope * slope, np.where(free > 0, 9.0, 1.5)))
            inside = np.minimum(inside, np.minimum(a, 1.0 - a) * long + 0.01 * long)
            v = np.minimum(wide / width, 1.0)
            body = np.sqrt(1.0 - v * v * 0.999)
            if cup:
                body = (1 - cup) * body + cup * (0.25 + 0.75 * v * v) * np.minimum(6 * (1 - v), 1.0)
            height = low + (high - low) * body * (1.0 + tilt * (inner - 0.5)) / (1.0 + abs(tilt) / 2)
            if veins:
                phase = veins * (inner - 0.5 * wide / long)
                phase = (phase - np.round(phase)) / 0.17
                height -= vein * 1.5 * np.exp(-phase * phase) * np.minimum(4 * (1 - v), 1.0)
            if rib:
                height -= rib * np.exp(-((wide / (0.16 * half)) ** 2)) * np.minimum(5 * (1.0 - inner), 1.0)
            if rim:
                height += rim * np.exp(-(((1.0 - v) * width / (0.16 * half) - 1.0) ** 2))
            self.canvas.over(place, inside, np.maximum(height, 0.02) * self.lift, gap)

    def trace(self, points: np.ndarray, half: float | np.ndarray, reach: float = 1.0, caps: bool = True) -> Iterator[tuple[Place, np.ndarray, np.ndarray]]:
        """(slices, v, s) of the pixels near a curve: signed distance over half width, and the way along it in units of the pen.

        Farther than ``reach`` half widths v is at least 9, and so it is beyond the two ends without ``caps``.
        """
        local = np.asarray(points, np.float64)
        p = self.points(local)
        r = np.broadcast_to(np.asarray(half, np.float64) * self.scale, (len(p),))
        way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(local, axis=0).T))])
        far, widest = float(r.max()) * float(reach) + self.canvas.pixel, float(r.max())
        side = -1.0 if self.flip else 1.0
        low, top = p.min(axis=0) - far, p.max(axis=0) + far
        p, r, way = p.tolist(), r.tolist(), way.tolist()
        for place, x, y in self.canvas.windows(float(low[0]), float(top[0]), float(low[1]), float(top[1])):
            best = np.full((len(y), x.shape[1]), 9.0, np.float32)
            along = np.zeros_like(best)
            x0, y1, dx, dy = float(x[0, 0]), float(y[0, 0]), self.canvas.dx, self.canvas.dy
            for i in range(len(p) - 1):
                (ax, ay), (bx, by) = p[i], p[i + 1]
                margin = max(r[i], r[i + 1]) * reach + self.canvas.pixel
                c0, c1 = int((min(ax, bx) - margin - x0) / dx), int((max(ax, bx) + margin - x0) / dx) + 2
                r0, r1 = int((y1 - max(ay, by) - margin) / dy), int((y1 - min(ay, by) + margin) / dy) + 2
                c0, r0 = max(c0, 0), max(r0, 0)
                if c1 <= c0 or r1 <= r0 or c0 >= best.shape[1] or r0 >= best.shape[0]:
                    continue
                ex, ey = bx - ax, by - ay
                qx, qy = x[:, c0:c1] - np.float32(ax), y[r0:r1] - np.float32(ay)
                t = np.clip((qx * ex + qy * ey) / max(ex * ex + ey * ey, 1e-18), 0.0, 1.0)
                fx, fy = qx - t * ex, qy - t * ey
                v = np.sqrt(fx * fx + fy * fy) / (r[i] + t * (r[i + 1] - r[i]))
                old = best[r0:r1, c0:c1]
                nearer = v < np.abs(old)
                sign = np.where(qy * ex - qx * ey < 0, -side, side)
                np.copyto(old, (v * sign).astype(np.float32), where=nearer)
                np.copyto(along[r0:r1, c0:c1], (way[i] + t * (way[i + 1] - way[i])).astype(np.float32), where=nearer)
            if not caps:
                blunt = 1.5 * widest / self.scale
                for (ax, ay), (bx, by), close in ((p[0], p[1], along < blunt), (p[-1], p[-2], along > way[-1] - blunt)):
                    best[((x - ax) * (bx - ax) + (y - ay) * (by - ay) < 0) & close] = 9.0
            yield place, best, along

    def ribbon(
        self,
        points: np.ndarray,
        half: float | np.ndarray,
        height: float | np.ndarray = 1.0,
        profile: Profile = round_wire,
        *,
        foot: float = 0.0,
        gap: float | None = None,
        caps: bool = True,
    ) -> None:
        """A wire or strap along a curve; laid over with a groove of ``gap``, or (gap None) joined by the higher of the two."""
        thick = float(np.min(half)) * self.scale if gap is None else float(np.mean(half)) * self.scale
        way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(np.asarray(points, np.float64), axis=0).T))])
        reach = 1.0 if gap is None else 1.0 + gap / max(float(np.mean(half)), 1e-9)
        for place, v, s in self.trace(points, half, reach, caps):
            level = np.interp(s, way, height).astype(np.float32) if np.ndim(height) else np.float32(height)
            body = level * self.lift * (foot + (1 - foot) * profile(np.clip(v, -1.0, 1.0), s))
            if gap is None:
                self.canvas.max(place, np.where(np.abs(v) < 1.0, body, np.float32(0)))
            else:
                self.canvas.over(place, (1.0 - np.abs(v)) * thick, body, gap * self.scale)

    def weave(self, strands: Sequence[tuple[np.ndarray, np.ndarray]], half: float, profile: Profile, *, gap: float, swing: float = 0.22) -> None:
        """Strands that pass over and under one another: each is (points, level in [-1, 1] along them); the higher lies on top."""
        canvas = self.canvas
        level = np.full(canvas.height.shape, -9.0, np.float32)
        picture = np.zeros_like(canvas.height)
        for points, z in strands:
            way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(np.asarray(points, np.float64), axis=0).T))])
            for place, v, s in self.trace(points, half, 1.0 + gap / half, caps=False):
                up = np.interp(s, way, z).astype(np.float32)
                wide = np.abs(v)
                on_top = (wide < 1.0 + gap / half) & (up > level[place])
                body = (1.0 + swing * (up - 1.0) / 2) * self.lift * (0.18 + 0.82 * profile(np.clip(v, -1.0, 1.0), s))
                edge = np.clip((1.0 - wide) * (half * self.scale / canvas.pixel) + 0.5, 0.0, 1.0)
                np.copyto(picture[place], (body * edge).astype(np.float32), where=on_top)
                np.copyto(level[place], up, where=on_top)
        np.copyto(canvas.height, picture, where=level > -9.0)
