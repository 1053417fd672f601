"""One parameter of a database engine: what it takes, and how RDS shows it."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from lab.extend import AwsError


class Parameter(NamedTuple):
    """One parameter. `allowed` is RDS's notation (`1-100`, `on,off`), None where all is allowed."""

    name: str
    kind: str
    data: str
    allowed: str | None
    default: str | None
    modifiable: bool = True


def check_value(parameter: Parameter, value: str) -> None:
    """Refuses a value outside the allowed ones; formulas in braces or functions are taken."""
    if not parameter.modifiable:
        raise AwsError(
            "InvalidParameterValue", f"The parameter {parameter.name} cannot be modified."
        )
    if parameter.allowed is None or re.match(r"(\{|GREATEST|LEAST|SUM)", value):
        return
    parts = value.split(",") if parameter.data == "list" else [value]
    if not all(_fits(parameter, part.strip()) for part in parts if part):
        raise AwsError(
            "InvalidParameterValue",
            f"Invalid parameter value: {value} for: {parameter.name} allowed values are: "
            f"{parameter.allowed}",
        )


def _fits(parameter: Parameter, value: str) -> bool:
    allowed = parameter.allowed or ""
    if parameter.data in ("integer", "float"):
        low, high = re.fullmatch(r"(-?[\d.]+)-([\d.e+]+)", allowed).groups()  # type: ignore[union-attr]
        try:
            number = int(value) if parameter.data == "integer" else float(value)
        except ValueError:
            return False
        return float(low) <= number <= float(high)
    return value in allowed.split(",")


def row(parameter: Parameter, value: str | None, method: str | None) -> dict[str, Any]:
    """The parameter as DescribeDBParameters answers it; `value` is the user's, if any."""
    system = "system" if parameter.default else "engine-default"
    answer = {
        "ParameterName": parameter.name,
        "Description": parameter.name.replace("_", " "),
        "Source": "user" if value is not None else system,
        "ApplyType": parameter.kind,
        "DataType": parameter.data,
        "IsModifiable": parameter.modifiable,
        "ApplyMethod": method or "pending-reboot",
    }
    if parameter.allowed:
        answer["AllowedValues"] = parameter.allowed
    shown = value if value is not None else parameter.default
    return answer | ({"ParameterValue": shown} if shown is not None else {})
