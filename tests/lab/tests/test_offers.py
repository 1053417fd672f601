"""What services say about what they offer, before anything is made."""

from __future__ import annotations


def test_node_types_can_be_reserved_and_unknown_ones_cannot(lab) -> None:
    cache = lab.client("elasticache")

    def offered(name: str) -> list[str]:
        found = cache.describe_reserved_cache_nodes_offerings(CacheNodeType=name)
        return [each["CacheNodeType"] for each in found["ReservedCacheNodesOfferings"]]

    assert offered("cache.r7g.large") == ["cache.r7g.large"]
    assert offered("cache.r99.large") == []
    page = cache.describe_reserved_cache_nodes_offerings(MaxRecords=20)
    assert len(page["ReservedCacheNodesOfferings"]) == 20
    assert page["Marker"]


def test_major_versions_have_two_lives_one_after_the_other(lab) -> None:
    rds = lab.client("rds")
    (found,) = rds.describe_db_major_engine_versions(Engine="postgres", MajorEngineVersion="16")[
        "DBMajorEngineVersions"
    ]
    standard, extended = found["SupportedEngineLifecycles"]
    assert standard["LifecycleSupportName"] == "open-source-rds-standard-support"
    assert standard["LifecycleSupportEndDate"] == extended["LifecycleSupportStartDate"]
    assert extended["LifecycleSupportEndDate"].year == standard["LifecycleSupportEndDate"].year + 3


def test_iam_counts_the_roles_and_says_how_many_there_may_be(lab) -> None:
    iam = lab.client("iam")
    before = iam.get_account_summary()["SummaryMap"]
    iam.create_role(
        RoleName="one", AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}'
    )
    after = iam.get_account_summary()["SummaryMap"]
    assert after["Roles"] == before["Roles"] + 1
    assert after["RolesQuota"] == 1000
