"""Documentation is what the schema and the variables say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from docs import offered, pages, schema, variables

TEXT = {"type": "string", "description": "Some\ntext."}


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("bool", "Boolean"),
        (["map", "string"], "Map of String"),
        (["list", ["set", "number"]], "List of Set of Number"),
        (["object", {"b": "bool", "a": "string"}], "Object(a: String, b: Boolean)"),
    ],
)
def test_types_are_words(kind: Any, text: str) -> None:
    assert schema.type_name(kind) == text


def test_attributes_are_grouped_and_nested_ones_have_a_section() -> None:
    inner = {"attributes": {"cidr": TEXT | {"required": True}}, "nesting_mode": "single"}
    block = {
        "attributes": {
            "network": {"nested_type": inner, "description": "A VPC.", "optional": True},
            "name": TEXT | {"required": True},
            "id": TEXT | {"computed": True},
        }
    }
    assert schema.section(block).splitlines() == [
        "## Schema",
        "",
        "### Required",
        "",
        "- `name` (String) Some text.",
        "",
        "### Optional",
        "",
        "- `network` (Attributes) A VPC. (see [below for nested schema](#nestedatt--network))",
        "",
        "### Read-Only",
        "",
        "- `id` (String) Some text.",
        "",
        '<a id="nestedatt--network"></a>',
        "### Nested Schema for `network`",
        "",
        "Required:",
        "",
        "- `cidr` (String) Some text.",
    ]


def test_a_page_takes_the_place_of_its_kind(tmp_path: Path) -> None:
    block = {"block": {"attributes": {}, "description": "D."}}
    function = {"summary": "S.", "return_type": "string", "parameters": [TEXT | {"name": "cidr"}]}
    document = {
        "provider": block,
        "resource_schemas": {"stellar_cluster": block},
        "data_source_schemas": {"stellar_cluster": block},
        "functions": {"subnets": function},
    }
    found = pages.render(document, tmp_path)
    assert sorted(found) == [
        "data-sources/cluster.md",
        "functions/subnets.md",
        "index.md",
        "resources/cluster.md",
    ]
    assert "subnets(cidr string) string" in found["functions/subnets.md"]
    assert "# stellar_cluster (Data Source)\n\nD.\n" in found["data-sources/cluster.md"]


def test_variables_are_read_with_type_default_and_description(tmp_path: Path) -> None:
    file = tmp_path / "variables.tf"
    file.write_text(
        """variable "name" {
  description = "The \\"name\\"."
  type        = string
}

variable "size" {
  description = "Size."
  type = object({
    gb = optional(number, 1)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.size.gb > 0
    error_message = "no"
  }
}
"""
    )
    name, size = variables.blocks(file)
    assert name == variables.Block("name", 'The "name".', "string", None)
    assert size.type == "object({\n    gb = optional(number, 1)\n  })"
    assert size.default == "{}"


def test_a_field_that_a_module_forgets_is_named(tmp_path: Path) -> None:
    (tmp_path / "variables.tf").write_text(
        'variable "network" {\n  description = "N."\n'
        "  type = object({\n    cidr = optional(string)\n  })\n}\n"
    )
    (tmp_path / "main.tf").write_text("  name = var.name\n  network = local.network\n")
    optional = TEXT | {"optional": True}
    fields = {"cidr": optional, "nat": optional, "id": TEXT | {"computed": True}}
    attributes = {name: {} for name in offered.SECTIONS}
    attributes |= {"name": TEXT | {"required": True}, "adopt": optional}
    attributes["network"] = {"nested_type": {"attributes": fields}, "optional": True}
    found = offered.missing({"attributes": attributes}, tmp_path)
    assert found == ["adopt", "network.nat"]
