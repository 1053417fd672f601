"""What the documentation shows can be copied: every snippet of HCL is well-formed and formatted."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from harness.cli import CLIS
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
