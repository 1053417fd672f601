"""What the documentation shows can be copied: every snippet of HCL is formatted, and valid for the provider."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.cli import CLIS, provider_binary, version, write_mirror
from harness.lab import ROOT

SNIPPET = re.compile(r"^ *```(?:terraform|hcl)\n(?P<text>.*?)^ *```", re.M | re.S)
FILES = sorted(
    path
    for folder in ("docs", "modules", "examples")
    for path in [*(ROOT / folder).rglob("*.md"), ROOT / "README.md"]
)
CLI = next((cli for cli in CLIS if cli.path), None)


@pytest.mark.skipif(CLI is None, reason="missing: terraform or tofu")
@pytest.mark.parametrize("file", sorted(set(FILES)), ids=lambda path: str(path.relative_to(ROOT)))
def test_snippets_are_formatted(file: Path) -> None:
    snippets = [found["text"] for found in SNIPPET.finditer(file.read_text())]
    # Types of variables are expressions and no bodies.
    bodies = [text for text in snippets if not text.startswith(("object(", "map(", "list("))]
    for text in bodies:
        done = subprocess.run(
            [CLI.path, "fmt", "-"],
            input=text,
            env=os.environ | {"TF_CLI_CONFIG_FILE": os.devnull},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{text}\n{done.stderr}"
        assert done.stdout == text


HEAD = """
terraform {
  required_providers {
    stellar = { source = "stellar/stellar" }
  }
}
"""
PLATFORM = """
resource "stellar_cluster" "this" {
  name = "shop"
}
"""
OURS = re.compile(
    r'(resource|data|ephemeral|provider) "stellar|(import|moved|removed|output|variable|locals) '
)
"""Blocks that need no other provider and no module."""
ATTRIBUTE = re.compile(r"[a-z_]+ += ")


@pytest.fixture(scope="module")
def initialized(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory in which the provider is installed."""
    if CLI is None:
        pytest.skip("missing: terraform or tofu")
    place = tmp_path_factory.mktemp("snippets")
    write_mirror(place, provider_binary())
    (place / "main.tf").write_text(HEAD)
    run(place, "init", "-input=false")
    return place


@pytest.mark.parametrize("file", sorted(set(FILES)), ids=lambda path: str(path.relative_to(ROOT)))
def test_snippets_are_valid_for_the_provider(file: Path, initialized: Path) -> None:
    snippets = [found["text"] for found in SNIPPET.finditer(file.read_text())]
    for snippet in snippets:
        configuration = complete(snippet)
        if "ephemeral " in configuration and not knows_ephemeral():
            continue
        (initialized / "main.tf").write_text(HEAD + configuration)
        found = json.loads(run(initialized, "validate", "-json"))
        errors = [each for each in found["diagnostics"] if each["severity"] == "error"]
        assert not errors, f"{configuration}\n{json.dumps(errors, indent=2)}"


def complete(snippet: str) -> str:
    """The snippet without what belongs to others, and with what it takes for granted."""
    parts = list(items(snippet))
    body = [text for text in parts if ATTRIBUTE.match(text)]
    text = "\n".join(part for part in parts if OURS.match(part))
    if body and not any(part.startswith(("source ", "inputs ")) for part in body):
        inner = "\n".join(body)
        named = "" if re.search(r"^name +=", inner, re.M) else 'name = "shop"\n'
        text += f'\nresource "stellar_cluster" "snippet" {{\n{named}{inner}\n}}\n'
    if "stellar_cluster.this" in text and 'resource "stellar_cluster" "this"' not in text:
        text += PLATFORM
    for name in sorted(set(re.findall(r"\bvar\.([a-z_]+)", text))):
        text += f'\nvariable "{name}" {{}}\n'
    return text


def items(snippet: str) -> Iterator[str]:
    """What stands at the top level: blocks and attributes, whole."""
    item: list[str] = []
    depth = 0
    for line in snippet.splitlines():
        bare = re.sub(r"#.*|//.*", "", re.sub(r'"[^"]*"', '""', line))
        if not item and not bare.strip():
            continue
        item.append(line)
        depth += sum(bare.count(c) for c in "{[(") - sum(bare.count(c) for c in "}])")
        if depth == 0:
            yield "\n".join(item)
            item = []


def knows_ephemeral() -> bool:
    """Terraform from 1.10 on, OpenTofu from 1.11 on."""
    found = re.search(r"v(\d+)\.(\d+)", version(CLI))
    return (int(found[1]), int(found[2])) >= ((1, 10) if CLI.name == "terraform" else (1, 11))


def run(place: Path, *arguments: str) -> str:
    """What the CLI prints."""
    settings = {"TF_CLI_CONFIG_FILE": str(place / "cli.tfrc"), "CHECKPOINT_DISABLE": "1"}
    done = subprocess.run(
        [CLI.path, *arguments], cwd=place, env=os.environ | settings, capture_output=True, text=True
    )
    assert done.stdout, done.stderr
    return done.stdout
