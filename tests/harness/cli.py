"""The command line programs that users have, and the configuration by which they find the provider."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from harness.lab import ROOT, Lab

VERSION = "0.1.0"
REGISTRIES = ("registry.terraform.io", "registry.opentofu.org")
"""Terraform and OpenTofu each look for `stellar/stellar` under their own host."""


@dataclass(frozen=True)
class Cli:
    """A program of the Terraform family."""

    name: str
    title: str
    oldest: str
    """The oldest version that the provider supports."""

    @property
    def path(self) -> str | None:
        """Where the program is; None when it is not on the PATH."""
        return shutil.which(self.name)


TERRAFORM = Cli("terraform", "Terraform", "1.5")
TOFU = Cli("tofu", "OpenTofu", "1.8")
CLIS = (TERRAFORM, TOFU)


def provider_binary() -> Path:
    """The debug build of the provider.

    Raises FileNotFoundError when it is not there.
    """
    target = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target")
    binary = target / "debug" / "terraform-provider-stellar"
    if not binary.exists():
        raise FileNotFoundError(f"{binary} does not exist: run `make build`")
    return binary


def write_mirror(
    directory: Path, binary: Path, source: str = "stellar/stellar", version: str = VERSION
) -> Path:
    """Lays out a filesystem mirror that holds the binary; answers the CLI configuration file for it.

    A mirror and not `dev_overrides`, so that `init` and the lock file work as they do for users.
    """
    mirror = directory / "mirror"
    program = f"terraform-provider-{source.rsplit('/', 1)[-1]}_v{version}"
    for registry in REGISTRIES:
        package = mirror / registry / source / version / target_platform()
        package.mkdir(parents=True)
        (package / program).symlink_to(binary.resolve())
    configuration = directory / "cli.tfrc"
    configuration.write_text(
        f'provider_installation {{\n  filesystem_mirror {{ path = "{mirror}" }}\n}}\n'
    )
    return configuration


def environment(lab: Lab, configuration: Path) -> dict[str, str]:
    """The environment of a run against the lab: our own, without settings for AWS and Terraform."""
    foreign = ("AWS_", "TF_", "TOFU_", "STELLAR_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return kept | lab_settings(lab, configuration)


def lab_settings(lab: Lab, configuration: Path) -> dict[str, str]:
    """The variables that lead a CLI and the provider to the lab, and nowhere else."""
    return {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": lab.url,
        "STELLAR_CLOCK_FACTOR": f"{lab.clock:g}",
        "TF_CLI_CONFIG_FILE": str(configuration),
        "CHECKPOINT_DISABLE": "1",
    }


def version(cli: Cli) -> str:
    """The program's version line, such as `Terraform v1.11.4`."""
    command = [cli.path or cli.name, "version"]
    env = os.environ | {"TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
    out = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    return out.stdout.splitlines()[0]


def target_platform() -> str:
    """As packages are named by: `linux_amd64`."""
    machines = {"x86_64": "amd64", "aarch64": "arm64"}
    machine = platform.machine()
    return f"{platform.system().lower()}_{machines.get(machine, machine)}"
