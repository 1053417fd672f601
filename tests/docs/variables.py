"""Inputs and outputs of a module as Markdown tables, from its formatted HCL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(r'^(variable|output) "(?P<name>[^"]+)" \{\n(?P<body>.*?)^\}', re.M | re.S)
DESCRIPTION = re.compile(r'^  description\s+= "(?P<text>(?:[^"\\]|\\.)*)"', re.M)
ARGUMENT = re.compile(r"^  (?P<name>type|default)\s+= (?P<value>.*?)(?=^  [a-z]|\Z)", re.M | re.S)
BEGIN, END = "<!-- begin: made by `make docs` -->", "<!-- end -->"
LONGEST = 60
"""Longer types and defaults are folded away below the table."""


@dataclass(frozen=True)
class Block:
    """A variable or an output."""

    name: str
    description: str
    type: str
    default: str | None


def blocks(file: Path) -> list[Block]:
    """The variables or outputs of a file, in its order; the file is formatted as `terraform fmt` does it."""
    return [_block(found["name"], found["body"]) for found in BLOCK.finditer(file.read_text())]


def inputs(module: Path) -> list[Block]:
    """The variables of a module, which may stand in several files: `variables.tf` first, then the others by name."""
    files = sorted(module.glob("variables*.tf"), key=lambda file: file.stem)
    return [block for file in files for block in blocks(file)]


def readme(module: Path) -> str:
    """The module's README with its tables made anew."""
    text = (module / "README.md").read_text()
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{_tables(module)}{END}{tail}"


def _block(name: str, body: str) -> Block:
    description = DESCRIPTION.search(body)
    text = description["text"].replace('\\"', '"') if description else ""
    arguments = {found["name"]: found["value"].rstrip() for found in ARGUMENT.finditer(body)}
    return Block(name, text, arguments.get("type", ""), arguments.get("default"))


def _tables(module: Path) -> str:
    variables = inputs(module)
    lines = ["", "## Inputs", "", "| name | what | type | default |", "|---|---|---|---|"]
    lines += [
        f"| `{each.name}` | {each.description} | {_cell(each.type, each)} | {_default(each)} |"
        for each in variables
    ]
    for each in variables:
        if _is_long(each.type):
            lines += ["", f"### `{each.name}`", "", "```hcl", _dedent(each.type), "```"]
    lines += ["", "## Outputs", "", "| name | what |", "|---|---|"]
    lines += [f"| `{each.name}` | {each.description} |" for each in blocks(module / "outputs.tf")]
    return "\n".join(lines) + "\n\n"


def _default(block: Block) -> str:
    return "required" if block.default is None else _cell(block.default, block)


def _cell(text: str, block: Block) -> str:
    return f"[below](#{block.name})" if _is_long(text) else f"`{text}`"


def _is_long(text: str) -> bool:
    return "\n" in text or len(text) > LONGEST


def _dedent(text: str) -> str:
    return re.sub(r"^  ", "", text, flags=re.M)
