"""Regions as the account sees them: of its own partition, and by default the enabled ones."""

from __future__ import annotations

from moto.utilities.utils import get_partition

from lab.extend import Context, Output, Params, after


@after("ec2", "DescribeRegions")
def own_partition(ctx: Context, params: Params, output: Output) -> None:
    """moto lists those of all partitions, enabled or not."""
    output["Regions"] = [
        region
        for region in output["Regions"]
        if get_partition(region["RegionName"]) == get_partition(ctx.region)
        and (params.get("AllRegions") or region["OptInStatus"] != "not-opted-in")
    ]
