"""A product of the price list, in the regions where it is sold."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from lab.kit.records import digest

# Of the price list that the lab shows: numbers near AWS's, rounded; no offer of anybody.
PUBLISHED = "2026-11-01T00:00:00Z"
VERSION = "20261101000000"
# The codes that AWS gives the on-demand term and its only dimension.
TERM, RATE = "JRTCKXETXF", "6YS6EN2CT7"


class Region(NamedTuple):
    """A region: its name in the price list, the prefix of usage types, the price level."""

    location: str
    prefix: str
    level: float


REGIONS = {
    "us-east-1": Region("US East (N. Virginia)", "", 1.0),
    "us-east-2": Region("US East (Ohio)", "USE2-", 1.0),
    "us-west-1": Region("US West (N. California)", "USW1-", 1.17),
    "us-west-2": Region("US West (Oregon)", "USW2-", 1.0),
    "ca-central-1": Region("Canada (Central)", "CAN1-", 1.11),
    "eu-west-1": Region("EU (Ireland)", "EU-", 1.11),
    "eu-west-2": Region("EU (London)", "EUW2-", 1.16),
    "eu-central-1": Region("EU (Frankfurt)", "EUC1-", 1.2),
    "eu-north-1": Region("EU (Stockholm)", "EUN1-", 1.06),
    "ap-northeast-1": Region("Asia Pacific (Tokyo)", "APN1-", 1.29),
    "ap-southeast-1": Region("Asia Pacific (Singapore)", "APS1-", 1.25),
    "ap-southeast-2": Region("Asia Pacific (Sydney)", "APS2-", 1.25),
    "ap-south-1": Region("Asia Pacific (Mumbai)", "APS3-", 1.05),
    "sa-east-1": Region("South America (Sao Paulo)", "SAE1-", 1.59),
}


class Tier(NamedTuple):
    """A price from an amount on; `end` "Inf" is the last one."""

    begin: str
    end: str
    usd: float


@dataclass(frozen=True)
class Product:
    """One product of one region."""

    service: str
    family: str
    unit: str
    tiers: tuple[Tier, ...]
    attributes: dict[str, str]

    @property
    def sku(self) -> str:
        """The same product has the same number in every run."""
        return digest("sku", self.service, json.dumps(self.attributes), length=16).upper()

    def value(self, field: str) -> str | None:
        """What a filter compares with."""
        if field in ("ServiceCode", "servicecode"):
            return self.service
        return self.family if field == "productFamily" else self.attributes.get(field)

    def shown(self) -> str:
        """The product as one JSON text, as GetProducts answers it."""
        sku = self.sku
        document = {
            "product": {
                "productFamily": self.family,
                "attributes": self.attributes,
                "sku": sku,
            },
            "serviceCode": self.service,
            "terms": {"OnDemand": {f"{sku}.{TERM}": self._term(sku)}},
            "version": VERSION,
            "publicationDate": PUBLISHED,
        }
        return json.dumps(document)

    def _term(self, sku: str) -> dict[str, Any]:
        dimensions = {}
        for number, tier in enumerate(self.tiers):
            code = f"{sku}.{TERM}.{RATE if not number else digest('rate', str(number), length=10)}"
            dimensions[code] = {
                "unit": self.unit,
                "beginRange": tier.begin,
                "endRange": tier.end,
                "description": f"${tier.usd:.10g} per {self.unit} (price list of the lab)",
                "appliesTo": [],
                "rateCode": code,
                "pricePerUnit": {"USD": f"{tier.usd:.10f}"},
            }
        return {
            "priceDimensions": dimensions,
            "sku": sku,
            "effectiveDate": PUBLISHED,
            "offerTermCode": TERM,
            "termAttributes": {},
        }


def everywhere(
    service: str,
    family: str,
    usage: str,
    usd: float | tuple[Tier, ...],
    unit: str = "Hrs",
    *,
    flat: bool = False,
    home: str = "",
    **attributes: str,
) -> Iterator[Product]:
    """The product in every region, dearer by the region's level unless its price is `flat`.

    `usage` is the usage type, which carries the region's prefix; `home` is the prefix that the
    service writes in us-east-1, where most write none.
    """
    tiers = usd if isinstance(usd, tuple) else (Tier("0", "Inf", usd),)
    for code, region in REGIONS.items():
        level = 1.0 if flat else region.level
        yield Product(
            service,
            family,
            unit,
            tuple(tier._replace(usd=round(tier.usd * level, 10)) for tier in tiers),
            {
                "servicecode": service,
                "location": region.location,
                "locationType": "AWS Region",
                "regionCode": code,
                "usagetype": f"{region.prefix or home}{usage}",
                "priceList": "stellar-lab",
            }
            | attributes,
        )
