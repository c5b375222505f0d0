"""Node trees written as expressions: every call adds one node and gives its output socket."""

from __future__ import annotations

from typing import Any

import bpy


class Nodes:
    """Writes into a tree, from scratch unless told otherwise; for materials, worlds and geometry."""

    def __init__(self, tree: bpy.types.NodeTree, clear: bool = True) -> None:
        self.tree = tree
        if clear:
            tree.nodes.clear()

    def add(self, kind: str, output: int | str = 0, settings: dict[str, Any] | None = None, **inputs: Any) -> Any:
        """A node of ``kind``; inputs by socket name with _ for spaces, each a value or another node's output."""
        node = self.tree.nodes.new(kind)
        for name, value in (settings or {}).items():
            setattr(node, name, value)
        for name, value in inputs.items():
            self.put(node.inputs[name.replace("_", " ")], value)
        return node.outputs[output] if len(node.outputs) else node

    def math(self, operation: str, *values: Any, clamp: bool = False) -> Any:
        """One arithmetic node; values are numbers or sockets."""
        node = self.tree.nodes.new("ShaderNodeMath")
        node.operation = operation
        node.use_clamp = clamp
        for socket, value in zip(node.inputs, values):
            self.put(socket, value)
        return node.outputs[0]

    def mix(self, factor: Any, first: Any, second: Any, blend: str = "MIX") -> Any:
        """Two colours mixed; colours are (r, g, b) linear or sockets."""
        node = self.tree.nodes.new("ShaderNodeMix")
        node.data_type = "RGBA"
        node.blend_type = blend
        sockets = [s for s in node.inputs if s.enabled]
        for name, value in (("Factor", factor), ("A", first), ("B", second)):
            self.put(next(s for s in sockets if s.name == name), value)
        return next(s for s in node.outputs if s.enabled)

    def put(self, socket: Any, value: Any) -> None:
        """Link or set one input."""
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, socket)
        elif isinstance(value, (tuple, list)) and len(value) == 3 and socket.type == "RGBA":
            socket.default_value = (*value, 1.0)
        else:
            socket.default_value = value

    def arrange(self) -> None:
        """Place the nodes in columns by how many steps lie before them, for people who open the tree."""
        depth: dict[str, int] = {}
        waiting = list(self.tree.nodes)
        before: dict[str, set[str]] = {node.name: set() for node in waiting}
        for link in self.tree.links:
            before[link.to_node.name].add(link.from_node.name)
        while waiting:
            ready = [n for n in waiting if before[n.name] <= depth.keys()]
            for node in ready:
                depth[node.name] = 1 + max((depth[name] for name in before[node.name]), default=-1)
            waiting = [n for n in waiting if n.name not in depth]
        rows: dict[int, int] = {}
        for node in self.tree.nodes:
            column = depth[node.name]
            node.location = (220.0 * column, -200.0 * rows.get(column, 0))
            rows[column] = rows.get(column, 0) + 1


class Fields(Nodes):
    """As Nodes, with what only geometry knows."""

    def vector(self, operation: str, *values: Any) -> Any:
        """One vector node; values are (x, y, z) or sockets, for SCALE the second is a number."""
        node = self.tree.nodes.new("ShaderNodeVectorMath")
        node.operation = operation
        for socket, value in zip([s for s in node.inputs if s.enabled], values):
            self.put(socket, value)
        return next(s for s in node.outputs if s.enabled)

    def parts(self, vector: Any) -> tuple[Any, Any, Any]:
        """The x, y and z of a vector."""
        return tuple(self.add("ShaderNodeSeparateXYZ", Vector=vector).node.outputs)

    def joined(self, x: Any, y: Any, z: Any = 0.0) -> Any:
        """A vector of three numbers."""
        return self.add("ShaderNodeCombineXYZ", X=x, Y=y, Z=z)

    def smooth(self, value: Any, low: Any, high: Any) -> Any:
        """0 up to ``low``, 1 from ``high`` on, a cubic between."""
        settings = {"interpolation_type": "SMOOTHSTEP"}
        return self.add("ShaderNodeMapRange", settings=settings, Value=value, From_Min=low, From_Max=high)

    def compare(self, operation: str, a: Any, b: Any, kind: str = "FLOAT") -> Any:
        """A boolean; ``operation`` as in Compare, ``kind`` FLOAT or INT."""
        node = self.add("FunctionNodeCompare", settings={"data_type": kind, "operation": operation}).node
        sockets = [s for s in node.inputs if s.enabled]
        self.put(sockets[0], a)
        self.put(sockets[1], b)
        return node.outputs[0]

    def switch(self, kind: str, condition: Any, false: Any, true: Any) -> Any:
        """One of two values; where ``condition`` is the same for all points only the chosen side is worked out."""
        node = self.add("GeometryNodeSwitch", settings={"input_type": kind}, Switch=condition).node
        for name, value in (("False", false), ("True", true)):
            if value is not None:
                self.put(node.inputs[name], value)
        return node.outputs[0]

    def choose(self, kind: str, index: Any, values: list[Any]) -> Any:
        """One of several values by number; only the chosen one is worked out."""
        node = self.add("GeometryNodeIndexSwitch", settings={"data_type": kind}, Index=index).node
        while len(node.index_switch_items) < len(values):
            node.index_switch_items.new()
        for at, value in enumerate(values):
            self.put(node.inputs[1 + at], value)
        return node.outputs[0]

    def named(self, name: Any, kind: str) -> Any:
        """The value of a named attribute."""
        return self.add("GeometryNodeInputNamedAttribute", settings={"data_type": kind}, Name=name)

    def on(self, domain: str, kind: str, value: Any) -> Any:
        """A value worked out on another domain and carried over as Blender does: the mean of the neighbours."""
        return self.add("GeometryNodeFieldOnDomain", settings={"domain": domain, "data_type": kind}, Value=value)

    def stored(self, geometry: Any, name: str, kind: str, value: Any, domain: str = "POINT") -> Any:
        """The geometry with one more named attribute."""
        settings = {"data_type": kind, "domain": domain}
        return self.add("GeometryNodeStoreNamedAttribute", settings=settings, Geometry=geometry, Name=name, Value=value)

    def captured(self, geometry: Any, **values: tuple[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Fields worked out once, together, for all points: the geometry to go on with, and what to use instead of each."""
        node = self.add("GeometryNodeCaptureAttribute", settings={"domain": "POINT"}, Geometry=geometry).node
        for name, (kind, value) in values.items():
            node.capture_items.new(kind, name)
            self.put(node.inputs[name], value)
        return node.outputs["Geometry"], {name: node.outputs[name] for name in values}


def tree_of(owner: Any) -> bpy.types.NodeTree:
    """The node tree of a new material or world; before Blender 5 it must be asked for."""
    if owner.node_tree is None:
        owner.use_nodes = True
    return owner.node_tree
