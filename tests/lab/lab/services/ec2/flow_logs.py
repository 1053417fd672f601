"""Flow logs: tokens, and partial failure inside an answer that says 200."""

from __future__ import annotations

from lab.extend import Context, Output, Params, idempotent, operation

idempotent("ec2", "CreateFlowLogs")


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
