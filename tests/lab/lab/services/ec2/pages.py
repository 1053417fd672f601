"""Pages: EC2 cuts long answers when the caller asks for it; moto mostly answers all at once."""

from __future__ import annotations

from moto.core.utils import get_pagination_model

from lab.extend import After, AwsError, Context, Output, Params, after

PREFIX = "lab-"
"""Marks the lab's tokens; those of the few operations that moto pages itself have another form."""


def _cut(result_key: str) -> After:
    """Makes the hook that pages one operation by the list under `result_key`."""

    def page(_ctx: Context, params: Params, output: Output) -> None:
        items, token = output.get(result_key, []), params.get("NextToken", PREFIX + "0")
        if not token.startswith(PREFIX) or output.get("NextToken"):
            return
        start = token.removeprefix(PREFIX)
        if not start.isdigit():
            raise AwsError("InvalidNextToken", "The token is invalid.", status=400)
        end = int(start) + params.get("MaxResults", len(items))
        output[result_key] = items[int(start) : end]
        if end < len(items):
            output["NextToken"] = f"{PREFIX}{end}"

    return page


for _name, _model in get_pagination_model("ec2").items():
    if isinstance(_model["result_key"], str):
        after("ec2", _name)(_cut(_model["result_key"]))
