"""Writes the generated documentation, or with `--check` says what is out of date (exit code 1)."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from docs import offered, pages, variables
from harness.cli import CLIS, Cli, provider_binary, write_mirror
from harness.lab import ROOT

DOCS = ROOT / "docs"
MODULES = ROOT / "modules"
CONFIGURATION = (
    'terraform {\n  required_providers {\n    stellar = { source = "stellar/stellar" }\n  }\n}\n'
)


def main() -> int:
    """Answers the exit code."""
    parser = argparse.ArgumentParser(prog="docs", description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    cli = next((one for one in CLIS if one.path), None)
    if cli is None:
        print("skipped because missing: terraform or tofu (documentation of the schema)")
        return 0
    document = _schema(cli)
    rendered = pages.render(document, DOCS / "templates")
    wanted = {DOCS / path: text for path, text in rendered.items()}
    cluster = document["resource_schemas"]["stellar_cluster"]["block"]
    forgotten = [
        f"{module.relative_to(ROOT)} does not offer {path}"
        for module in sorted(MODULES.iterdir())
        for path in offered.missing(cluster, module)
    ]
    for module in sorted(MODULES.iterdir()):
        wanted[module / "README.md"] = variables.readme(module)
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    stale += [path for path in _generated(document) if path not in wanted]
    for path in stale:
        if check:
            print(f"out of date: {path.relative_to(ROOT)}; run `make docs`", file=sys.stderr)
        elif path in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path])
            print(f"written: {path.relative_to(ROOT)}")
        else:
            path.unlink()
            print(f"removed: {path.relative_to(ROOT)}")
    for line in forgotten:
        print(line, file=sys.stderr)
    return 1 if forgotten or (check and stale) else 0


def _generated(document: dict) -> list[Path]:
    """The pages that exist now, of what the CLI knows: list resources came with Terraform 1.14."""
    folders = [folder for part, folder, _ in pages.KINDS if part in document] + ["functions"]
    return [path for folder in folders for path in sorted((DOCS / folder).glob("*.md"))]


def _schema(cli: Cli) -> dict:
    """The schema of the built provider, as the CLI sees it."""
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        settings = {"TF_CLI_CONFIG_FILE": str(write_mirror(place, provider_binary()))}
        environment = os.environ | settings | {"CHECKPOINT_DISABLE": "1"}
        (place / "main.tf").write_text(CONFIGURATION)

        def run(*arguments: str) -> str:
            command = [cli.path or cli.name, *arguments]
            done = subprocess.run(
                command, cwd=place, env=environment, capture_output=True, text=True
            )
            if done.returncode != 0:
                raise SystemExit(f"{cli.name} {arguments[0]} failed:\n{done.stdout}{done.stderr}")
            return done.stdout

        run("init", "-input=false")
        (document,) = json.loads(run("providers", "schema", "-json"))["provider_schemas"].values()
        return document


if __name__ == "__main__":
    sys.exit(main())
