"""Flow logs: tokens, and partial failure inside an answer that says 200."""

from __future__ import annotations

from lab.extend import AwsError, Context, Output, Params, before, idempotent, operation
from lab.kit.roles import assumable

idempotent("ec2", "CreateFlowLogs")


@before("ec2", "CreateFlowLogs")
def role_usable(ctx: Context, params: Params) -> None:
    """The delivery role must exist, trust the service and be spread by IAM."""
    role_arn = params.get("DeliverLogsPermissionArn")
    if role_arn is not None and not assumable(ctx, role_arn, "vpc-flow-logs.amazonaws.com"):
        raise AwsError("InvalidParameter", "Unable to assume given IAM role", status=400)


@operation("ec2", "DeleteFlowLogs")
def delete(ctx: Context, params: Params) -> Output:
    """Deletes what exists and reports the rest; moto refuses the whole call."""
    flow_logs = ctx.moto("ec2").flow_logs
    unsuccessful = []
    for flow_log_id in params["FlowLogIds"]:
        if flow_logs.pop(flow_log_id, None) is None:
            text = f"These flow log ids in the input list are not found: {flow_log_id}"
            error = {"Code": "InvalidFlowLogId.NotFound", "Message": text}
            unsuccessful.append({"ResourceId": flow_log_id, "Error": error})
    return {"Unsuccessful": unsuccessful}
