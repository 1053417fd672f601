"""Ways in which the provider reaches a runner that has no registry: beside the configuration, and as a packed mirror."""

from __future__ import annotations

import os
import re
import zipfile
from pathlib import Path

from acceptance.stacks import NETWORK, stack
from harness.cli import REGISTRIES, VERSION, provider_binary, target_platform
from harness.lab import Lab
from harness.workspace import Workspace

NAME = f"terraform-provider-stellar_v{VERSION}"
HASH = re.compile(r'"(h1:[^"]+)"')


def test_the_provider_comes_with_the_configuration(workspace: Workspace, lab: Lab) -> None:
    for registry in REGISTRIES:
        place = workspace.directory / "terraform.d/plugins" / registry / "stellar/stellar"
        place = place / VERSION / target_platform()
        place.mkdir(parents=True)
        (place / NAME).symlink_to(provider_binary().resolve())
    workspace.env["TF_CLI_CONFIG_FILE"] = os.devnull
    workspace.write(stack(NETWORK))
    workspace.init()
    assert workspace.plan().code == 2


def test_a_packed_mirror_gives_the_same_checksum_every_time(
    workspace: Workspace, lab: Lab, tmp_path: Path
) -> None:
    """The checksum stands in the lock file, which everybody who shares the configuration has."""
    mirror = tmp_path / "packed"
    for registry in REGISTRIES:
        place = mirror / registry / "stellar/stellar"
        place.mkdir(parents=True)
        package = place / f"terraform-provider-stellar_{VERSION}_{target_platform()}.zip"
        # One file for both: a debug build is large.
        if (first := next(mirror.rglob("*.zip"), None)) is not None:
            package.hardlink_to(first)
            continue
        with zipfile.ZipFile(package, "w", zipfile.ZIP_STORED) as packed:
            entry = zipfile.ZipInfo(NAME)
            entry.external_attr = 0o755 << 16
            with packed.open(entry, "w", force_zip64=True) as sink:
                sink.write(provider_binary().read_bytes())
    file = tmp_path / "packed.tfrc"
    file.write_text(f'provider_installation {{\n  filesystem_mirror {{ path = "{mirror}" }}\n}}\n')
    workspace.env["TF_CLI_CONFIG_FILE"] = str(file)
    workspace.write(stack(NETWORK))
    workspace.init()
    lock = (workspace.directory / ".terraform.lock.hcl").read_text()
    assert HASH.search(lock), lock
    assert workspace.plan().code == 2
    # Nothing that the provider did has changed its own package.
    workspace.command("providers", "lock", f"-fs-mirror={mirror}", "-no-color")
    workspace.init()
    assert HASH.findall((workspace.directory / ".terraform.lock.hcl").read_text()) == HASH.findall(
        lock
    )
