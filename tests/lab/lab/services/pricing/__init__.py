"""The Price List API over a small price list of the lab's own.

Shapes, service codes, families and usage types are AWS's; the prices are near AWS's and marked
(`priceList` = `stellar-lab`), so that nobody takes them for an offer.
"""

from __future__ import annotations

import functools
from typing import Any

from lab.extend import AwsError, Context, before, operation
from lab.kit.pages import page
from lab.kit.refuse import refuse_rest
from lab.services.pricing import compute, data, rest
from lab.services.pricing.product import Product

# "The Price List Query API provides three endpoints."
ENDPOINTS = ("us-east-1", "eu-central-1", "ap-south-1")
FORMAT = "aws_v1"


@functools.cache
def _list() -> dict[str, list[Product]]:
    """Service code → its products."""
    services: dict[str, list[Product]] = {}
    for product in (*compute.products(), *data.products(), *rest.products()):
        services.setdefault(product.service, []).append(product)
    return services


@before("pricing", "*")
def endpoint(ctx: Context, params: dict[str, Any]) -> None:
    """Other regions have no such host at all; the lab has to answer something."""
    if ctx.region not in ENDPOINTS:
        raise AwsError(
            "NotFoundException",
            f"AWS has no Price List endpoint in {ctx.region}, only in {', '.join(ENDPOINTS)}",
            status=400,
        )
    if params.get("FormatVersion", FORMAT) != FORMAT:
        raise AwsError("InvalidParameterException", f"FormatVersion must be {FORMAT}", status=400)


@operation("pricing", "GetProducts")
def get_products(_ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Products that pass every filter, each as one JSON text."""
    filters = params.get("Filters", [])
    found = [each for each in _service(params["ServiceCode"]) if _passes(each, filters)]
    rows, token = _page(found, params)
    return {"FormatVersion": FORMAT, "PriceList": [row.shown() for row in rows]} | token


def _passes(product: Product, filters: list[dict[str, str]]) -> bool:
    return all(
        MATCHES[each["Type"]](product.value(each["Field"]) or "", each["Value"]) for each in filters
    )


MATCHES = {
    "TERM_MATCH": lambda value, wanted: value == wanted,
    "EQUALS": lambda value, wanted: value == wanted,
    "CONTAINS": lambda value, wanted: wanted in value,
    "ANY_OF": lambda value, wanted: value in wanted.split(","),
    "NONE_OF": lambda value, wanted: value not in wanted.split(","),
}


@operation("pricing", "DescribeServices")
def describe_services(_ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Service codes with the attributes that their products have."""
    code = params.get("ServiceCode")
    codes = [code] if code else sorted(_list())
    rows, token = _page(codes, params)
    services = [{"ServiceCode": each, "AttributeNames": _attributes(each)} for each in rows]
    return {"FormatVersion": FORMAT, "Services": services} | token


@operation("pricing", "GetAttributeValues")
def get_attribute_values(_ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """The values that an attribute has among a service's products."""
    code, name = params["ServiceCode"], params["AttributeName"]
    if name not in _attributes(code):
        raise AwsError(
            "NotFoundException", f"The service {code} has no attribute {name}", status=400
        )
    values = sorted({each.value(name) or "" for each in _service(code)} - {""})
    rows, token = _page(values, params)
    return {"AttributeValues": [{"Value": value} for value in rows]} | token


def _service(code: str) -> list[Product]:
    if code not in _list():
        raise AwsError("NotFoundException", f"Invalid service code: {code}", status=400)
    return _list()[code]


def _attributes(code: str) -> list[str]:
    return sorted({name for each in _service(code) for name in each.attributes} | {"productFamily"})


def _page(items: list, params: dict[str, Any]) -> tuple[list, dict[str, str]]:
    rows, token = page(
        items, params, size="MaxResults", token="NextToken", error="InvalidNextTokenException"
    )
    return rows, {"NextToken": token} if token else {}


refuse_rest("pricing")
