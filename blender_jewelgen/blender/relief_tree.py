"""The nodes of "JewelGen Relief": the numpy core's mapping, look-up and displacement, so that a slider moves metal at once.

All lengths inside are millimetres: positions are divided by Unit and the displacement is multiplied by it at the end, so
that scenes in metres lose no digits. Where a mapping is chosen only its own nodes are worked out.
"""

from __future__ import annotations

import math
from typing import Any

import bpy

from .nodes import Fields
from .relief_clear import Clear

MAPPINGS = ("Form", "Toroidal", "Cylindrical", "Spherical", "Planar", "Triplanar", "UV")
PLACE, HEIGHT, WEIGHT = "jewelgen_place", "jewelgen_height", "jewelgen_weight"  # what the group stores for materials
UV, LIFT, RIM = "jewelgen_uv", "jewelgen_lift", "jewelgen_rim"
_FAR = 1e6  # repeats; no place on a body lies beyond


def write(tree: bpy.types.NodeTree) -> None:
    """Fill the tree; its interface stands already (``nodes_relief.INPUTS``).

    Equal to the core on triangles. On larger faces a vertex normal counts whole faces, where the core cuts them first: the
    artist's own even grid stays even. At the seam of a round mapping ``jewelgen_place`` is whole only with "Shade Only".
    """
    _Relief(tree).write()


class _Relief:
    """The tree while it is written; each method adds the nodes of one thought and gives its outputs."""

    def __init__(self, tree: bpy.types.NodeTree) -> None:
        self.f = Fields(tree)
        self.given = self.f.add("NodeGroupInput").node.outputs
        self.index = self._index()
        self.own = self.given["Own Form"]

    def write(self) -> None:
        f, g = self.f, self.given
        geometry = self._dense()
        self.normal = self._normal()
        self.soft = f.math("MAXIMUM", g["Fade"], 1e-3)
        self.sizes = f.choose("VECTOR", self.index, [(1.0, 1.0, 1.0), *(g[f"{kind} Size"] for kind in MAPPINGS[1:6]), (1.0, 1.0, 1.0)])
        self.length, self.width, _ = f.parts(self.sizes)
        self._limits()
        self._round()
        self._flat()
        place, weight = self._place(), self._weight()
        height = f.choose("FLOAT", self.index, [*[self._look(place, False)] * 5, self._three_sides(), self._charted()])
        weight = f.math("MULTIPLY", weight, g["Mask"])
        weight = f.math("MULTIPLY", weight, Clear(f, g, self.soft, weight).share())
        amount = f.math("MULTIPLY", f.math("SUBTRACT", height, g["Mid Level"]), weight)
        place = f.vector("MULTIPLY", place, self.repeats)
        whole = f.switch("GEOMETRY", g["Shade Only"], self._moved(geometry, place, amount, weight), self._shaded(geometry, place, amount, weight))
        f.add("NodeGroupOutput", Geometry=whole)
        f.arrange()

    def _index(self) -> Any:
        """The number of the mapping chosen."""
        node = self.f.add("GeometryNodeMenuSwitch", settings={"data_type": "INT"}).node
        node.enum_items.clear()
        for name in MAPPINGS:
            node.enum_items.new(name)
        for number, name in enumerate(MAPPINGS):
            node.inputs[name].default_value = number
        self.f.put(node.inputs["Menu"], self.given["Mapping"])
        return node.outputs[0]

    def _dense(self) -> Any:
        """The body, subdivided as asked; our own forms are dense, and their seam must not be cut through."""
        f, g = self.f, self.given
        level = f.choose("INT", self.index, [0, *[g["Density"]] * 6])
        return f.add("GeometryNodeSubdivideMesh", Mesh=g["Geometry"], Level=f.switch("INT", g["Shade Only"], level, 0))

    def _normal(self) -> Any:
        """Unit normals: the faces' round a vertex, weighted by their area."""
        f = self.f
        area = f.vector("SCALE", f.add("GeometryNodeInputNormal"), f.add("GeometryNodeInputMeshFaceArea"))
        # areas of scenes in metres are so small that their squares would vanish
        area = f.vector("SCALE", area, f.math("DIVIDE", 1.0, f.math("MULTIPLY", self.given["Unit"], self.given["Unit"])))
        return f.vector("NORMALIZE", f.on("FACE", "FLOAT_VECTOR", area))

    def _local(self, frame: str, centre: str) -> tuple[Any, Any, Any]:
        """x, y, z in mm in one of the two frames of the body."""
        f, g = self.f, self.given
        point = f.vector("SCALE", f.add("GeometryNodeInputPosition"), f.math("DIVIDE", 1.0, g["Unit"]))
        point = f.vector("SUBTRACT", point, g[centre])
        return tuple(f.vector("DOT_PRODUCT", point, g[f"{frame} {axis}"]) for axis in "XYZ")

    def _limits(self) -> None:
        """Repeats, and how near a place may come to the ends of the picture: to the middle of its last pixels."""
        f, g = self.f, self.given
        info = f.add("GeometryNodeImageInfo", Image=g["Height"]).node.outputs
        self.repeats = f.joined(g["Repeats Around"], g["Repeats Across"])
        half = (f.math("DIVIDE", 0.5, info["Width"]), f.math("DIVIDE", 0.5, info["Height"]))
        wraps = f.choose("BOOLEAN", self.index, [g["Wrap"], *[True] * 3, False, *[True] * 2])
        low = f.joined(f.switch("FLOAT", wraps, half[0], -_FAR), half[1])
        high = (f.math("SUBTRACT", g["Repeats Around"], half[0]), f.math("SUBTRACT", g["Repeats Across"], half[1]))
        self.low, self.high = low, f.joined(f.switch("FLOAT", wraps, high[0], _FAR), high[1])

    def _look(self, place: Any, fold: bool) -> Any:
        """The picture's height at a place (u to the right, v up, each 0 to 1 over all repeats); ``fold``: v goes on for ever."""
        f = self.f
        if fold:
            u, v, _ = f.parts(place)
            down = f.math("SUBTRACT", 1.0, v)
            mirrored = f.math("ABSOLUTE", f.math("SUBTRACT", f.math("FLOORED_MODULO", down, 2.0), 1.0))
            place = f.joined(u, f.switch("FLOAT", self.given["Mirrored"], f.math("SUBTRACT", 1.0, f.math("FRACT", down)), mirrored))
        place = f.vector("MINIMUM", f.vector("MAXIMUM", f.vector("MULTIPLY", place, self.repeats), self.low), self.high)
        return self._image(self.given["Height"], f.vector("FRACTION", place), "REPEAT")

    def _image(self, image: Any, place: Any, beyond: str) -> Any:
        return self.f.add("GeometryNodeImageTexture", settings={"interpolation": "Linear", "extension": beyond}, Image=image, Vector=place)

    def _round(self) -> None:
        """Where a point lies round the axis, and how high; ``outward``: cosine between its normal and the radius."""
        f, g = self.f, self.given
        x, y, z = self._local("Axis", "Centre")
        flat = f.joined(x, y)
        radius = f.vector("LENGTH", flat)
        table = self._image(g["Section"], f.vector("MULTIPLY_ADD", f.joined(radius, z), g["Section Scale"], g["Section Offset"]), "EXTEND")
        ball = f.math("MULTIPLY", f.math("ARCTAN2", z, radius), g["Radius"])
        self.up = f.choose("FLOAT", self.index, [0.0, table, z, ball, *[0.0] * 3])
        turn = f.math("MULTIPLY", f.math("ARCTAN2", y, x), 1.0 / (2.0 * math.pi))
        self.turned = f.joined(turn, f.math("ADD", f.math("DIVIDE", self.up, self.width), 0.5))
        normal = f.joined(*(f.vector("DOT_PRODUCT", self.normal, g[f"Axis {axis}"]) for axis in "XY"))
        self.outward = f.math("DIVIDE", f.vector("DOT_PRODUCT", normal, flat), f.math("MAXIMUM", radius, 1e-9))

    def _flat(self) -> None:
        """Where a point lies on the face of a flat body, and how far inside its outline, mm."""
        f, g = self.f, self.given
        x, y, _ = self._local("Flat", "Flat Centre")
        self.faced = f.vector("ADD", f.vector("DIVIDE", f.joined(x, y), self.sizes), (0.5, 0.5, 0.0))
        columns = f.add("GeometryNodeImageInfo", Image=g["Outline"])
        drawn = f.math("SUBTRACT", self._image(g["Outline"], self.faced, "EXTEND"), f.math("DIVIDE", self.length, columns))
        sides = [f.math("SUBTRACT", f.math("MULTIPLY", size, 0.5), f.math("ABSOLUTE", at)) for size, at in ((self.length, x), (self.width, y))]
        self.inside = f.switch("FLOAT", f.compare("GREATER_THAN", columns, 0, "INT"), f.math("MINIMUM", *sides), drawn)

    def _place(self) -> Any:
        f, g = self.f, self.given
        texture = f.vector("SCALE", f.named(g["UV Map"], "FLOAT_VECTOR"), g["UV Scale"])
        return f.choose("VECTOR", self.index, [f.named(UV, "FLOAT_VECTOR"), *[self.turned] * 3, self.faced, self._strongest(), texture])

    def _weight(self) -> Any:
        """How much of the depth a point takes: 0 on finger sides, backs, poles and beyond the border."""
        f, g = self.f, self.given
        form = f.smooth(f.named(RIM, "FLOAT"), 0.0, f.math("MAXIMUM", g["Fade"], 1e-9))
        edge = f.smooth(f.math("SUBTRACT", f.math("MULTIPLY", self.width, 0.5), f.math("ABSOLUTE", self.up)), 0.0, self.soft)
        bead = f.math("MULTIPLY_ADD", f.compare("GREATER_THAN", self.outward, 0.0), 0.3, self.outward)
        round_side = f.math("MULTIPLY", edge, f.smooth(self.outward, 0.15, 0.45))
        ball_side = f.math("MULTIPLY", edge, f.smooth(bead, 0.15, 0.45))
        rim = f.smooth(self.inside, 0.0, self.soft)
        facing = f.vector("DOT_PRODUCT", self.normal, g["Flat Z"])
        facing = f.switch("FLOAT", g["Outer Side Only"], f.math("ABSOLUTE", facing), facing)
        face = f.math("MULTIPLY", rim, f.smooth(facing, 0.4, 0.6))
        outer = f.choose("FLOAT", self.index, [1.0, round_side, round_side, ball_side, face, 1.0, 1.0])
        all_round = f.choose("FLOAT", self.index, [1.0, edge, edge, edge, face, 1.0, 1.0])
        weight = f.switch("FLOAT", g["Outer Side Only"], all_round, outer)
        return f.switch("FLOAT", self.own, weight, f.math("MULTIPLY", weight, form))

    def _sides(self) -> tuple[list[Any], list[Any]]:
        """Places on the pictures seen along x, y and z, never mirrored, and the share of each side."""
        f, g = self.f, self.given
        point = f.vector("SCALE", f.add("GeometryNodeInputPosition"), f.math("DIVIDE", 1.0, g["Unit"]))
        x, y, z = f.parts(f.vector("SUBTRACT", point, g["Centre"]))
        facing = f.parts(f.vector("SIGN", self.normal))
        pairs = ((y, z), (f.math("MULTIPLY", x, -1.0), z), (x, y))
        places = [
            f.vector("ADD", f.vector("DIVIDE", f.joined(f.math("MULTIPLY", u, side), v), self.sizes), (0.5, 0.5, 0.0))
            for (u, v), side in zip(pairs, facing)
        ]
        second = f.vector("MULTIPLY", self.normal, self.normal)
        fourth = f.vector("MULTIPLY", second, second)
        share = f.vector("MULTIPLY", f.vector("MULTIPLY", fourth, fourth), fourth)
        total = f.math("ADD", f.vector("DOT_PRODUCT", share, (1.0, 1.0, 1.0)), 1e-12)
        return places, list(f.parts(f.vector("SCALE", share, f.math("DIVIDE", 1.0, total))))

    def _strongest(self) -> Any:
        """The place on the picture of the side that a point faces most; also remembers the sides."""
        f = self.f
        self.sides = self._sides()
        (a, b, c), (x, y, z) = self.sides
        best = f.switch("VECTOR", f.compare("GREATER_THAN", y, x), a, b)
        return f.switch("VECTOR", f.compare("GREATER_THAN", z, f.math("MAXIMUM", x, y)), best, c)

    def _three_sides(self) -> Any:
        f = self.f
        heights = [f.math("MULTIPLY", self._look(place, True), share) for place, share in zip(*self.sides)]
        return f.math("ADD", f.math("ADD", heights[0], heights[1]), heights[2])

    def _charted(self) -> Any:
        """The height by UV map. On a seam a point has two places, and the mean of both counts; where three charts meet, of two."""
        f, g = self.f, self.given
        uv = f.named(g["UV Map"], "FLOAT_VECTOR")
        order = f.vector("DOT_PRODUCT", uv, (1.0, math.pi, 0.0))
        ends = [self._look(f.vector("SCALE", self._at_corner(uv, order, end), g["UV Scale"]), True) for end in (0, -1)]
        return f.math("MULTIPLY", f.math("ADD", *ends), 0.5)

    def _at_corner(self, value: Any, order: Any, number: int) -> Any:
        """A vector at one of the corners of faces round a point, counted in an order."""
        corner = self.f.add("GeometryNodeCornersOfVertex", "Corner Index", Weights=order, Sort_Index=number)
        return self.f.add("GeometryNodeFieldAtIndex", settings={"domain": "CORNER", "data_type": "FLOAT_VECTOR"}, Value=value, Index=corner)

    def _direction(self) -> Any:
        """Which way a point moves: a flat face straight out of its plane, all others along their normals, our own forms as they say."""
        f, g = self.f, self.given
        front = f.math("GREATER_THAN", f.vector("DOT_PRODUCT", self.normal, g["Flat Z"]), -1e-30)
        both = f.vector("SCALE", g["Flat Z"], f.math("MULTIPLY_ADD", front, 2.0, -1.0))
        flat = f.switch("VECTOR", g["Outer Side Only"], both, g["Flat Z"])
        free = f.choose("VECTOR", self.index, [(0.0, 0.0, 0.0), *[self.normal] * 3, flat, *[self.normal] * 2])
        return f.switch("VECTOR", self.own, free, f.named(LIFT, "FLOAT_VECTOR"))

    def _level(self, amount: Any) -> Any:
        """How high the ornament stands, 0 to 1, whether raised or cut in; what materials darken recesses by."""
        f, g = self.f, self.given
        level = f.math("ADD", amount, g["Mid Level"])
        return f.math("MINIMUM", f.math("MAXIMUM", f.switch("FLOAT", g["Cut In"], level, f.math("SUBTRACT", 1.0, level)), 0.0), 1.0)

    def _moved(self, geometry: Any, place: Any, amount: Any, weight: Any) -> Any:
        f, g = self.f, self.given
        values = {"amount": ("FLOAT", amount), "weight": ("FLOAT", weight), "place": ("VECTOR", place), "way": ("VECTOR", self._direction())}
        geometry, held = f.captured(geometry, **values)
        depth = f.math("MULTIPLY", g["Depth"], f.switch("FLOAT", g["Cut In"], 1.0, -1.0))
        length = f.math("MULTIPLY", held["amount"], f.math("MULTIPLY", depth, g["Unit"]))
        moved = f.add("GeometryNodeSetPosition", Geometry=geometry, Offset=f.vector("SCALE", held["way"], length))
        moved = f.stored(moved, PLACE, "FLOAT2", held["place"])
        moved = f.stored(moved, WEIGHT, "FLOAT", held["weight"])
        return f.stored(moved, HEIGHT, "FLOAT", self._level(held["amount"]))

    def _shaded(self, geometry: Any, place: Any, amount: Any, weight: Any) -> Any:
        """Nothing moves; places are kept at the corners of faces, whole on both sides of the seam, for the shader to look up."""
        f = self.f
        middle = f.on("FACE", "FLOAT_VECTOR", place)
        closed = f.choose("FLOAT", self.index, [f.switch("FLOAT", self.given["Wrap"], 0.0, 1.0), *[1.0] * 3, *[0.0] * 3])
        turns = f.vector("SUBTRACT", middle, place)
        turns = f.vector("MULTIPLY", turns, f.joined(f.math("DIVIDE", closed, self.given["Repeats Around"]), 0.0))
        turns = f.vector("FLOOR", f.vector("ADD", turns, (0.5, 0.5, 0.5)))
        whole = f.vector("MULTIPLY_ADD", turns, self.repeats, place)
        shaded = f.stored(geometry, PLACE, "FLOAT2", whole, "CORNER")
        shaded = f.stored(shaded, WEIGHT, "FLOAT", weight)
        return f.stored(shaded, HEIGHT, "FLOAT", self._level(amount))
