"""Idempotency tokens: a repeated call answers again, a changed one is refused."""

from __future__ import annotations

import copy
from collections.abc import Callable

from lab.extend import AwsError, Context, Output, Params, Token


def once(
    context: Context, operation: str, token: Token, params: Params, perform: Callable[[], Output]
) -> Output:
    """Performs the call unless its token was seen; then answers as it did the first time.

    Raises the token's mismatch code when the parameters differ from those of the first call.
    """
    value = params.get(token.member)
    if not value:
        return perform()
    answered = context.store("tokens")
    key = (context.service, operation, value)
    if key not in answered:
        answered[key] = (copy.deepcopy(params), copy.deepcopy(perform()))
    first, output = answered[key]
    if first != params:
        text = f"The token {value} was used with other parameters"
        raise AwsError(token.mismatch, text, status=400)
    return copy.deepcopy(output)
