"""Attributes of a schema as Markdown, in the layout that Terraform's registry knows."""

from __future__ import annotations

from typing import Any

Attribute = dict[str, Any]
"""One attribute of `terraform providers schema -json`."""

GROUPS = (
    ("Required", lambda attribute: attribute.get("required")),
    ("Optional", lambda attribute: attribute.get("optional")),
    ("Read-Only", lambda attribute: not (attribute.get("required") or attribute.get("optional"))),
)
NESTING = {
    "single": "Attributes",
    "list": "Attributes List",
    "set": "Attributes Set",
    "map": "Attributes Map",
}
SCALARS = {"string": "String", "number": "Number", "bool": "Boolean", "dynamic": "Dynamic"}


def section(block: dict[str, Any]) -> str:
    """`## Schema` with a section for each attribute that has attributes itself."""
    lines = ["## Schema", ""]
    lines += _groups(block.get("attributes", {}), (), "###")
    return "\n".join(lines + _nested(block.get("attributes", {}), ())).rstrip() + "\n"


def sentence(text: str) -> str:
    """A description in one line."""
    return " ".join(text.split())


def type_name(kind: Any) -> str:
    """`List of String` for `["list", "string"]`."""
    if isinstance(kind, str):
        return SCALARS[kind]
    outer, inner = kind
    if outer == "object":
        fields = ", ".join(f"{name}: {type_name(each)}" for name, each in sorted(inner.items()))
        return f"Object({fields})"
    if outer == "tuple":
        return f"Tuple({', '.join(type_name(each) for each in inner)})"
    return f"{outer.capitalize()} of {type_name(inner)}"


def _groups(attributes: dict[str, Attribute], path: tuple[str, ...], heading: str) -> list[str]:
    lines = []
    for title, belongs in GROUPS:
        chosen = {name: each for name, each in sorted(attributes.items()) if belongs(each)}
        if chosen:
            lines += [f"{heading} {title}" if heading else f"{title}:", ""]
            lines += [_line(name, each, (*path, name)) for name, each in chosen.items()]
            lines.append("")
    return lines


def _line(name: str, attribute: Attribute, path: tuple[str, ...]) -> str:
    notes = [_kind(attribute)]
    notes += [note.capitalize() for note in ("sensitive", "deprecated") if attribute.get(note)]
    if attribute.get("write_only"):
        notes.append("Write-only")
    text = f"- `{name}` ({', '.join(notes)}) {sentence(attribute.get('description', ''))}".rstrip()
    if "nested_type" in attribute:
        text += f" (see [below for nested schema](#nestedatt--{'--'.join(path)}))"
    return text


def _kind(attribute: Attribute) -> str:
    if "nested_type" in attribute:
        return NESTING[attribute["nested_type"]["nesting_mode"]]
    return type_name(attribute["type"])


def _nested(attributes: dict[str, Attribute], path: tuple[str, ...]) -> list[str]:
    """The attributes' own attributes, depth first, inputs before outputs as in the lists above."""
    lines = []
    for _, belongs in GROUPS:
        for name, attribute in sorted(attributes.items()):
            if "nested_type" not in attribute or not belongs(attribute):
                continue
            below = (*path, name)
            inner = attribute["nested_type"]["attributes"]
            lines += [f'<a id="nestedatt--{"--".join(below)}"></a>']
            lines += [f"### Nested Schema for `{'.'.join(below)}`", ""]
            lines += _groups(inner, below, "")
            lines += _nested(inner, below)
    return lines
