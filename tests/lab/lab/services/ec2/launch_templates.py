"""Launch templates: tokens, versions made from a source, and tags that are not template data."""

from __future__ import annotations

from lab.extend import AwsError, Context, Output, Params, after, before, idempotent

idempotent("ec2", "CreateLaunchTemplate")
idempotent("ec2", "CreateLaunchTemplateVersion")


@after("ec2", "CreateLaunchTemplate")
def keep_own_tags_apart(ctx: Context, params: Params, output: Output) -> None:
    """The template's own tags are no part of its data, as moto has it."""
    template = ctx.moto("ec2").launch_templates[output["LaunchTemplate"]["LaunchTemplateId"]]
    data = template.versions[0].data
    data.pop("TagSpecifications", None)
    if given := params["LaunchTemplateData"].get("TagSpecifications"):
        data["TagSpecifications"] = given


@before("ec2", "DeleteLaunchTemplate", "CreateLaunchTemplateVersion", "ModifyLaunchTemplate")
def known_id(ctx: Context, params: Params) -> None:
    """An unknown id is told apart from an unknown name; moto speaks of a name."""
    wanted = params.get("LaunchTemplateId")
    if wanted is not None and wanted not in ctx.moto("ec2").launch_templates:
        text = "The launch template ID specified does not exist. Check the launch template ID."
        raise AwsError("InvalidLaunchTemplateId.NotFound", text, status=400)


@before("ec2", "CreateLaunchTemplateVersion")
def from_source(ctx: Context, params: Params) -> Params | None:
    """What the request leaves out comes from the source version; moto ignores the source."""
    source = params.get("SourceVersion")
    if source is None:
        return None
    named = {
        key: params[key] for key in ("LaunchTemplateId", "LaunchTemplateName") if key in params
    }
    found = ctx.call("ec2", "DescribeLaunchTemplateVersions", named | {"Versions": [source]})
    versions = found["LaunchTemplateVersions"]
    if not versions:
        text = f"Could not find the specified version {source} for the launch template"
        raise AwsError("InvalidLaunchTemplateId.VersionNotFound", text, status=400)
    rest = {key: value for key, value in params.items() if key != "SourceVersion"}
    inherited = versions[0]["LaunchTemplateData"]
    return rest | {"LaunchTemplateData": inherited | params["LaunchTemplateData"]}


@after("ec2", "DescribeLaunchTemplates")
def present_tags(ctx: Context, params: Params, output: Output) -> None:
    """The tags as they are; moto shows those of the creation for ever."""
    for shown in output["LaunchTemplates"]:
        template = ctx.moto("ec2").launch_templates[shown["LaunchTemplateId"]]
        shown["Tags"] = [{"Key": tag["key"], "Value": tag["value"]} for tag in template.get_tags()]
