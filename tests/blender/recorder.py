"""A layout without a window: it writes down what is drawn and refuses every name that Blender does not know."""

from __future__ import annotations

from types import FunctionType, SimpleNamespace
from typing import Any


class Recorder:
    """Stands in for a UILayout. ``lines`` are what was drawn, in order; ``widths`` are texts that cannot wrap."""

    def __init__(self, bpy: Any, lines: list[str] | None = None) -> None:
        object.__setattr__(self, "_bpy", bpy)
        object.__setattr__(self, "lines", [] if lines is None else lines)

    def __setattr__(self, name: str, value: Any) -> None:
        found = self._bpy.types.UILayout.bl_rna.properties.get(name)
        assert found is not None and not found.is_readonly, f"UILayout has no setting {name!r}"
        if found.type == "ENUM":
            assert value in found.enum_items, f"{name} cannot be {value!r}"

    def __getattr__(self, name: str) -> Any:
        function = self._bpy.types.UILayout.bl_rna.functions.get(name)
        if function is None:
            raise AttributeError(name)

        def call(*given: Any, **named: Any) -> Any:
            names = [p.identifier for p in function.parameters if not p.is_output]
            assert len(given) <= len(names), f"{name} takes {names}"
            known = dict(zip(names, given)) | named
            assert set(known) <= set(names), f"{name} has no {set(known) - set(names)}"
            self._check_icon(known)
            return getattr(self, f"_draw_{name}", self._child)(**known)

        return call

    def _check_icon(self, known: dict[str, Any]) -> None:
        if "icon" in known:
            icons = self._bpy.types.UILayout.bl_rna.functions["label"].parameters["icon"].enum_items
            assert known["icon"] in icons, f"there is no icon {known['icon']!r}"
        if "icon_value" in known:
            assert isinstance(known["icon_value"], int)
        if "text" in known:
            assert isinstance(known["text"], str), f"text is {known['text']!r}"

    def _child(self, **known: Any) -> Recorder:
        return Recorder(self._bpy, self.lines)

    def _note(self, *words: Any) -> None:
        self.lines.append(" ".join(str(word) for word in words if word not in ("", None)))

    def _draw_panel(self, **known: Any) -> tuple[Recorder, Recorder]:
        return self._child(), self._child()

    def _draw_separator(self, **known: Any) -> None:
        pass

    def _draw_label(self, text: str = "", **known: Any) -> None:
        if text:
            self._note("label", text)

    def _draw_prop(self, data: Any, property: str, text: str | None = None, **known: Any) -> None:
        found = self._property(data, property)
        if property.startswith("[") or type(data).__name__.startswith("Socket_"):  # an input of a modifier, before and since 5.2
            if text:
                self._note("input", text)
            return
        self._note("prop", f"{type(data).__name__}.{property}", text if text is not None else getattr(found, "name", ""))

    def _draw_prop_enum(self, data: Any, property: str, value: str, text: str | None = None, **known: Any) -> None:
        item = self._property(data, property).enum_items.get(value)
        assert item is not None, f"{property} has no {value!r}"
        self._note("choice", f"{type(data).__name__}.{property}", text if text is not None else item.name)

    def _property(self, data: Any, name: str) -> Any:
        if name.startswith('["'):
            assert name[2:-2] in data, f"{data} has no {name}"
            return None
        found = data.bl_rna.properties.get(name)
        assert found is not None, f"{type(data).__name__} has no {name!r}"
        return found

    def _draw_textbox(self, data: Any, property: str, **known: Any) -> None:
        self._draw_prop(data, property, "")

    def _draw_prop_search(self, data: Any, property: str, search_data: Any, search_property: str, text: str = "", **known: Any) -> None:
        self._property(data, property)
        self._property(search_data, search_property)
        self._note("search", text, search_property)

    def _draw_template_ID(self, data: Any, property: str, new: str = "", open: str = "", **known: Any) -> None:
        self._draw_prop(data, property)
        for name in filter(None, (new, open)):
            operator_of(self._bpy, name)

    def _draw_template_icon(self, icon_value: int, **known: Any) -> None:
        self._note("picture")

    def _draw_progress(self, text: str = "", factor: float = 0.0, **known: Any) -> None:
        assert 0.0 <= factor <= 1.0
        self._note("progress", text)

    def _draw_template_list(self, listtype_name: str, list_id: str, dataptr: Any, propname: str, active_dataptr: Any, active_propname: str, **known: Any) -> None:
        kind = getattr(self._bpy.types, listtype_name)
        self._property(dataptr, propname)
        self._property(active_dataptr, active_propname)
        self._note("list", propname)
        for index, item in enumerate(getattr(dataptr, propname)):
            fake(kind).draw_item(self._bpy.context, self._child(), dataptr, item, 0, active_dataptr, active_propname, index)

    def _draw_menu(self, menu: str, text: str = "", **known: Any) -> None:
        assert issubclass(getattr(self._bpy.types, menu), self._bpy.types.Menu)
        self._note("menu", menu, text)

    def _draw_popover(self, panel: str, text: str = "", **known: Any) -> None:
        assert issubclass(getattr(self._bpy.types, panel), self._bpy.types.Panel)
        self._note("popover", panel, text)

    def _draw_operator(self, operator: str, text: str | None = None, **known: Any) -> Settable:
        rna = operator_of(self._bpy, operator)
        if operator.startswith("object.geometry_nodes"):  # before 5.2 a button beside an input, later a property
            return Settable(rna)
        self._note("button", operator, text if text is not None else rna.name)
        return Settable(rna)


class Settable:
    """The properties of a button; a name or a choice the operator does not have is refused."""

    def __init__(self, rna: Any) -> None:
        object.__setattr__(self, "_rna", rna)

    def __setattr__(self, name: str, value: Any) -> None:
        found = self._rna.properties.get(name)
        assert found is not None, f"{self._rna.identifier} has no {name!r}"
        if found.type == "ENUM" and len(found.enum_items):
            assert value in found.enum_items, f"{name} of {self._rna.identifier} cannot be {value!r}"
        kinds = {"STRING": str, "INT": int, "FLOAT": (int, float), "BOOLEAN": bool}
        assert isinstance(value, kinds.get(found.type, object)), f"{name} of {self._rna.identifier} is {value!r}"


def operator_of(bpy: Any, name: str) -> Any:
    """The RNA of an operator; fails if there is none."""
    module, _, function = name.partition(".")
    try:
        return getattr(getattr(bpy.ops, module), function).get_rna_type()
    except (KeyError, AttributeError) as error:
        raise AssertionError(f"there is no operator {name!r}") from error


def fake(cls: type, **more: Any) -> Any:
    """Something with the methods of a Blender class, which itself cannot be made by hand."""
    methods = {name: part for kind in reversed(cls.__mro__) if kind.__module__ != "bpy_types" for name, part in vars(kind).items() if isinstance(part, FunctionType)}
    return type(cls.__name__, (SimpleNamespace,), methods)(**more)


def draw(bpy: Any, cls: type) -> list[str]:
    """What a panel or menu draws now; nothing if its poll says no."""
    if hasattr(cls, "poll") and not cls.poll(bpy.context):
        return []
    recorder = Recorder(bpy)
    self = fake(cls, layout=recorder)
    for name in ("draw_header_preset", "draw"):
        if hasattr(self, name):
            getattr(self, name)(bpy.context)
    return recorder.lines
