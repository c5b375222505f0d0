"""The nodes that keep ornament clear of gems: the distance to them, and whether a place lies inside one."""

from __future__ import annotations

from typing import Any

from .nodes import Fields

_UP = (0.0871, 0.1243, 0.9884)  # along no edge of what people model
_LAYERS = 4  # surfaces of gems and prongs that one ray may pass
_STEP = 1e-4  # mm from one surface to the start of the next ray


class Clear:
    """``share()`` gives the share of the depth that is kept, as ``core.relief.clear`` does; nothing is worked out without gems."""

    def __init__(self, f: Fields, given: Any, soft: Any, weight: Any) -> None:
        self.f, self.given, self.soft = f, given, soft
        self.wanted = f.math("GREATER_THAN", weight, 0.0)  # where nothing moves nothing is measured
        gems = f.add("GeometryNodeCollectionInfo", settings={"transform_space": "RELATIVE"}, Collection=given["Keep Clear Of"])
        self.gems = f.add("GeometryNodeRealizeInstances", Geometry=gems)
        self.box = f.add("GeometryNodeBoundBox", Geometry=self.gems).node.outputs

    def share(self) -> Any:
        """1 away from gems, 0 beside and inside them; of a pair both pieces give way."""
        f = self.f
        here = f.add("GeometryNodeInputPosition")
        first, other = self._kept(here), self._kept(f.vector("MULTIPLY", here, (-1.0, 1.0, 1.0)))
        kept = f.switch("FLOAT", self.given["Pair"], first, f.math("MINIMUM", first, other))
        faces = f.add("GeometryNodeAttributeDomainSize", "Face Count", {"component": "MESH"}, Geometry=self.gems)
        return f.switch("FLOAT", f.compare("GREATER_THAN", faces, 0, "INT"), 1.0, kept)

    def _kept(self, at: Any) -> Any:
        f, g = self.f, self.given
        x, y, z = f.parts(f.vector("MINIMUM", f.vector("SUBTRACT", at, self.box["Min"]), f.vector("SUBTRACT", self.box["Max"], at)))
        room = f.math("MINIMUM", f.math("MINIMUM", x, y), z)  # scene units inside the box round all gems
        reach = f.math("MULTIPLY", f.math("ADD", g["Clearance"], self.soft), f.math("MULTIPLY", g["Unit"], -1.0))
        near = f.add("GeometryNodeProximity", settings={"target_element": "FACES"}).node
        f.put(near.inputs[0], self.gems)
        by_name = {s.identifier: s for s in near.inputs}
        f.put(by_name["Source Position"], at)
        # all gems are group 0; a point that asks for group 1 has its answer at once: none is near
        f.put(by_name["Sample Group ID"], f.math("SUBTRACT", 1.0, f.math("MULTIPLY", self.wanted, f.math("GREATER_THAN", room, reach))))
        away = f.math("DIVIDE", near.outputs["Distance"], g["Unit"])
        free = f.smooth(f.math("SUBTRACT", away, g["Clearance"]), 0.0, self.soft)
        free = f.switch("FLOAT", near.outputs["Is Valid"], 1.0, free)
        return f.math("MULTIPLY", free, f.math("LESS_THAN", self._inside(at, room), 0.5))

    def _inside(self, at: Any, room: Any) -> Any:
        """How many more closed bodies a ray from a place leaves than it enters; rays from outside their box end at once."""
        f, g = self.f, self.given
        length = f.math("MULTIPLY", f.math("MULTIPLY", self.wanted, f.math("GREATER_THAN", room, 0.0)), f.math("MULTIPLY", g["Unit"], 1e4))
        step = f.vector("SCALE", _UP, f.math("MULTIPLY", g["Unit"], _STEP))
        outward, count = self._outward(), 0.0
        for _ in range(_LAYERS):
            ray = f.add("GeometryNodeRaycast", Target_Geometry=self.gems, Source_Position=at, Ray_Direction=_UP, Ray_Length=length).node
            f.put(ray.inputs["Attribute"], outward)
            out = ray.outputs
            length = f.math("MULTIPLY", length, out["Is Hit"])
            side = f.math("SIGN", f.vector("DOT_PRODUCT", out["Hit Normal"], _UP))
            count = f.math("MULTIPLY_ADD", f.math("MULTIPLY", side, out["Attribute"]), out["Is Hit"], count)
            at = f.vector("ADD", out["Hit Position"], step)
        return count

    def _outward(self) -> Any:
        """1 on faces of closed bodies wound outward, -1 on those wound inward, 0 on open ones, which have no inside."""
        f = self.f
        island = f.add("GeometryNodeInputMeshIsland", "Island Index")
        reach = f.vector("DOT_PRODUCT", f.add("GeometryNodeInputNormal"), f.add("GeometryNodeInputPosition"))
        volume = self._total(f.math("MULTIPLY", reach, f.add("GeometryNodeInputMeshFaceArea")), island, "FACE")
        # volumes of scenes in metres are so small that they are brought to cubic millimetres before a sign is taken
        unit = self.given["Unit"]
        volume = f.math("DIVIDE", volume, f.math("MULTIPLY", unit, f.math("MULTIPLY", unit, unit)))
        open_edges = f.compare("NOT_EQUAL", f.add("GeometryNodeInputMeshEdgeNeighbors"), 2, "INT")
        holes = self._total(f.math("MULTIPLY", open_edges, 1.0), island, "EDGE")
        closed = f.math("LESS_THAN", f.on("EDGE", "FLOAT", holes), 0.5)
        return f.math("MULTIPLY", f.math("SIGN", volume), closed)

    def _total(self, value: Any, group: Any, domain: str) -> Any:
        node = self.f.add("GeometryNodeAccumulateField", settings={"domain": domain, "data_type": "FLOAT"}).node
        self.f.put(node.inputs["Value"], value)
        self.f.put(next(s for s in node.inputs if "Group" in s.name), group)
        return node.outputs["Total"]
