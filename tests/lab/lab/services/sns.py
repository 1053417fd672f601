"""SNS: whoever is subscribed by mail or web has to confirm it, which nobody does here."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, Output, Params, after, before

CONFIRMED_BY_PEOPLE = ("email", "email-json", "http", "https")


def _pending(ctx: Context, arn: str) -> bool:
    found = ctx.moto("sns").subscriptions.get(arn)
    return found is not None and found.protocol in CONFIRMED_BY_PEOPLE


@before("sns", "CreateTopic")
def same_attributes(ctx: Context, params: Params) -> None:
    """CreateTopic answers with the topic that is there, if it is the same."""
    arn = f"arn:aws:sns:{ctx.region}:{ctx.account}:{params['Name']}"
    given = params.get("Attributes")
    if arn not in ctx.moto("sns").topics or not given:
        return
    present = ctx.call("sns", "GetTopicAttributes", {"TopicArn": arn})["Attributes"]
    if any(present.get(name, "") != value for name, value in given.items()):
        text = (
            "Invalid parameter: Attributes Reason: Topic already exists with different attributes"
        )
        raise AwsError("InvalidParameter", text, status=400)


@after("sns", "Subscribe")
def unconfirmed(_ctx: Context, params: Params, output: Output) -> None:
    """The ARN is told at once only to those who ask for it (API reference, Subscribe)."""
    if params["Protocol"] in CONFIRMED_BY_PEOPLE and not params.get("ReturnSubscriptionArn"):
        output["SubscriptionArn"] = "pending confirmation"


@after("sns", "ListSubscriptions", "ListSubscriptionsByTopic")
def listed(ctx: Context, _params: Params, output: Output) -> None:
    """An unconfirmed subscription is listed without its ARN."""
    for each in output.get("Subscriptions", []):
        if _pending(ctx, each["SubscriptionArn"]):
            each["SubscriptionArn"] = "PendingConfirmation"


@after("sns", "GetSubscriptionAttributes")
def shown(ctx: Context, params: Params, output: Output) -> None:
    """PendingConfirmation says so."""
    if _pending(ctx, params["SubscriptionArn"]):
        attributes: dict[str, Any] = output["Attributes"]
        attributes |= {"PendingConfirmation": "true", "ConfirmationWasAuthenticated": "false"}


@before("sns", "Unsubscribe")
def only_confirmed(ctx: Context, params: Params) -> None:
    """What is not confirmed cannot be taken back; AWS drops it after two days."""
    if _pending(ctx, params["SubscriptionArn"]):
        text = "Invalid parameter: SubscriptionArn Reason: the subscription is pending confirmation"
        raise AwsError("InvalidParameter", text, status=400)
