"""The registry's pages of a provider, as `{path below docs: text}`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docs import schema

PROVIDER = "stellar"
KINDS = (
    # part of the schema document, folder, what the registry calls it
    ("resource_schemas", "resources", "Resource"),
    ("data_source_schemas", "data-sources", "Data Source"),
    ("ephemeral_resource_schemas", "ephemeral-resources", "Ephemeral Resource"),
    ("list_resource_schemas", "list-resources", "List Resource"),
    ("action_schemas", "actions", "Action"),
)


def render(document: dict[str, Any], templates: Path) -> dict[str, str]:
    """All pages.

    `document` is the provider's part of `terraform providers schema -json`; a template holds what a schema
    cannot say, with `{{schema}}` where the attributes go.
    """
    found = {"index.md": _page("index.md", "Provider", document["provider"]["block"], templates)}
    for part, folder, title in KINDS:
        for name, each in document.get(part, {}).items():
            path = f"{folder}/{name.removeprefix(f'{PROVIDER}_')}.md"
            found[path] = _page(path, f"{name} ({title})", each["block"], templates)
    for name, function in document.get("functions", {}).items():
        path = f"functions/{name}.md"
        found[path] = _function(path, name, function, templates)
    return found


def _page(path: str, title: str, block: dict[str, Any], templates: Path) -> str:
    description = block.get("description", "")
    body = _body(path, templates, description).replace("{{schema}}", schema.section(block).rstrip())
    heading = f"# {PROVIDER} {title}" if path == "index.md" else f"# {title}"
    return f"{_front_matter(title, description)}\n{heading}\n\n{body.rstrip()}\n"


def _function(path: str, name: str, function: dict[str, Any], templates: Path) -> str:
    parameters = function.get("parameters", [])
    if "variadic_parameter" in function:
        parameters = [*parameters, function["variadic_parameter"]]
    signature = ", ".join(
        f"{each['name']} {schema.type_name(each['type']).lower()}" for each in parameters
    )
    answer = schema.type_name(function["return_type"]).lower()
    lines = [
        "## Signature",
        "",
        "```text",
        f"{name}({signature}) {answer}",
        "```",
        "",
        "## Arguments",
        "",
    ]
    lines += [
        f"1. `{each['name']}` ({schema.type_name(each['type'])}) {schema.sentence(each.get('description', ''))}"
        for each in parameters
    ]
    description = function.get("description") or function.get("summary", "")
    body = _body(path, templates, description).replace("{{schema}}", "\n".join(lines))
    title = f"{name} (Function)"
    return f"{_front_matter(title, function.get('summary', ''))}\n# {title}\n\n{body.rstrip()}\n"


def _body(path: str, templates: Path, description: str) -> str:
    template = templates / path
    text = template.read_text() if template.exists() else "{{description}}\n\n{{schema}}"
    return text.replace("{{description}}", description.strip())


def _front_matter(title: str, description: str) -> str:
    short = schema.sentence(description).replace('"', "'")
    return f'---\npage_title: "{title}"\nsubcategory: ""\ndescription: |-\n  {short}\n---\n'
