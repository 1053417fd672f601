"""DeleteLaunchTemplateVersions: all but the default version can go.

Failures come inside HTTP 200. moto takes a version's number for its place in the list; with gaps
between the numbers it must look for it.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.exceptions import InvalidLaunchTemplateVersionNotFound
from moto.ec2.models.launch_templates import LaunchTemplate, LaunchTemplateVersion

from lab.extend import AwsError, Context, operation
from lab.kit.records import Record

# "You can delete up to 200 launch template versions in a single request."
MOST = 200


def _create(
    template: LaunchTemplate, data: dict[str, Any], description: str
) -> LaunchTemplateVersion:
    """Counts on from the highest number ever given."""
    number = getattr(template, "_last", 0) + 1
    template._last = number  # type: ignore[attr-defined]
    version = LaunchTemplateVersion(template, number, data, description)
    template.versions.append(version)
    return version


def _get(template: LaunchTemplate, number: Any) -> LaunchTemplateVersion:
    if str(number).lower() == "$latest":
        return template.versions[-1]
    wanted = template.default_version_number
    if str(number).lower() != "$default":
        wanted = int(number)
    for version in template.versions:
        if version.number == wanted:
            return version
    raise InvalidLaunchTemplateVersionNotFound(template_id=template.id, version=number)


LaunchTemplate.create_version = _create  # type: ignore[method-assign]
LaunchTemplate.get_version = _get  # type: ignore[method-assign]
LaunchTemplate.default_version = lambda self: _get(self, "$default")  # type: ignore[method-assign]


@operation("ec2", "DeleteLaunchTemplateVersions")
def delete_versions(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """The numbers of deleted versions are not used again."""
    template = _template(ctx, params)
    if len(params["Versions"]) > MOST:
        raise AwsError("InvalidParameterValue", f"At most {MOST} versions in one request")
    named = {"LaunchTemplateId": template.id, "LaunchTemplateName": template.name}
    done: list[Record] = []
    failed: list[Record] = []
    for text in params["Versions"]:
        row = named | {"VersionNumber": int(text) if text.isdigit() else 0}
        problem = _problem(template, text)
        if problem:
            failed.append(row | {"ResponseError": {"Code": problem[0], "Message": problem[1]}})
        else:
            template.versions = [v for v in template.versions if v.number != int(text)]
            done.append(row)
    return {
        "SuccessfullyDeletedLaunchTemplateVersions": done,
        "UnsuccessfullyDeletedLaunchTemplateVersions": failed,
    }


def _template(ctx: Context, params: dict[str, Any]) -> Any:
    ec2 = ctx.moto("ec2")
    if identifier := params.get("LaunchTemplateId"):
        return ec2.get_launch_template(identifier)
    return ec2.get_launch_template_by_name(params.get("LaunchTemplateName", ""))


def _problem(template: Any, text: str) -> tuple[str, str] | None:
    """Why a version cannot be deleted."""
    if not text.isdigit():
        return "launchTemplateVersionInvalid", f"{text} is no version number"
    if int(text) == template.default_version_number:
        return "unexpectedError", "Cannot delete the default version of the launch template"
    if int(text) not in [version.number for version in template.versions]:
        return "launchTemplateVersionDoesNotExist", f"Version {text} does not exist"
    return None
