"""Launch templates: tokens; the rest is moto's."""

from __future__ import annotations

from lab.extend import idempotent

idempotent("ec2", "CreateLaunchTemplate")
idempotent("ec2", "CreateLaunchTemplateVersion")
