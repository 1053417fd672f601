"""GuardDuty: one detector per account and region."""

from __future__ import annotations

from lab.extend import AwsError, Context, Params, before


@before("guardduty", "DeleteDetector", "UpdateDetector", "GetDetector")
def known(ctx: Context, params: Params) -> None:
    """A detector of this region; moto deletes any."""
    if params["DetectorId"] not in ctx.moto("guardduty").detectors:
        text = (
            "The request is rejected because the input detectorId is not owned by the current "
            "account."
        )
        raise AwsError("BadRequestException", text, status=400)


@before("guardduty", "CreateDetector")
def only_one(ctx: Context, _params: Params) -> None:
    """moto makes as many as it is asked for."""
    if ctx.moto("guardduty").detectors:
        text = "The request is rejected because a detector already exists for the current account."
        raise AwsError("BadRequestException", text, status=400)
