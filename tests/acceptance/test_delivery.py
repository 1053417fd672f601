"""Ways in which the provider reaches a runner that has no registry: beside the configuration, and as packed for one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from acceptance.stacks import NETWORK, stack
from harness.cli import REGISTRIES, VERSION, provider_binary, target_platform
from harness.lab import ROOT, Lab
from harness.workspace import Workspace

NAME = f"terraform-provider-stellar_v{VERSION}"
HASH = re.compile(r'"(h1:[^"]+)"')


def packed(binary: Path, directory: Path) -> Path:
    """The zip that a release consists of."""
    command = [ROOT / ".ci/package", binary, VERSION, target_platform(), directory]
    subprocess.run([sys.executable, *command], check=True, capture_output=True, timeout=240)
    subprocess.run(
        ["sha256sum", "--check", "--strict", f"terraform-provider-stellar_{VERSION}_SHA256SUMS"],
        cwd=directory,
        check=True,
        capture_output=True,
    )
    return directory / package_name()


def package_name() -> str:
    """As mirrors and registries want it."""
    return f"terraform-provider-stellar_{VERSION}_{target_platform()}.zip"


def test_a_package_has_the_same_bytes_whenever_it_is_made(tmp_path: Path) -> None:
    """Its checksum stands in the lock files of everybody who shares a configuration."""
    first = tmp_path / "first"
    first.write_bytes(b"a program")
    second = shutil.copyfile(first, tmp_path / "second")
    os.utime(second, (0, 0))
    zips = [packed(each, tmp_path / f"dist-{each.name}").read_bytes() for each in (first, second)]
    assert zips[0] == zips[1]
    with zipfile.ZipFile(tmp_path / "dist-first" / package_name()) as made:
        (entry,) = made.infolist()
        assert (entry.filename, made.read(entry)) == (NAME, b"a program")
        assert entry.external_attr >> 16 & 0o777 == 0o755


def test_the_provider_comes_with_the_configuration_or_as_a_package(
    workspace: Workspace, lab: Lab, tmp_path: Path
) -> None:
    binary = slim(tmp_path / NAME)
    platform = f"{VERSION}/{target_platform()}"
    # As for Terraform Cloud: the binary in the directory that is uploaded.
    workspace.env["TF_CLI_CONFIG_FILE"] = os.devnull
    workspace.write(stack(NETWORK))
    for registry in REGISTRIES:
        place = workspace.directory / f"terraform.d/plugins/{registry}/stellar/stellar/{platform}"
        place.mkdir(parents=True)
        (place / NAME).hardlink_to(binary)
    workspace.init()
    assert workspace.plan().code == 2
    bundled = hashes(workspace)
    shutil.rmtree(workspace.directory / "terraform.d")

    # As for everybody else: the package of a release in a mirror. The lock file, which is shared, holds for both.
    mirror = tmp_path / "packed"
    package = stored(binary, tmp_path / package_name())
    for registry in REGISTRIES:
        place = mirror / registry / "stellar/stellar"
        place.mkdir(parents=True)
        (place / package.name).hardlink_to(package)
    file = tmp_path / "packed.tfrc"
    file.write_text(f'provider_installation {{\n  filesystem_mirror {{ path = "{mirror}" }}\n}}\n')
    workspace.env["TF_CLI_CONFIG_FILE"] = str(file)
    shutil.rmtree(workspace.directory / ".terraform")
    workspace.init()
    assert hashes(workspace) == bundled
    assert workspace.plan().code == 2
    workspace.command("providers", "lock", f"-fs-mirror={mirror}", "-no-color")
    assert set(hashes(workspace)) == set(bundled)


def stored(binary: Path, package: Path) -> Path:
    """The same package without compression, which takes a minute for a debug build."""
    with zipfile.ZipFile(package, "w", zipfile.ZIP_STORED) as archive:
        archive.write(binary, NAME)
    return package


def slim(target: Path) -> Path:
    """The provider without what only a debugger reads."""
    subprocess.run(["strip", "-o", target, provider_binary().resolve()], check=True)
    return target


def hashes(workspace: Workspace) -> list[str]:
    """What the lock file accepts."""
    found = HASH.findall((workspace.directory / ".terraform.lock.hcl").read_text())
    assert found
    return found
