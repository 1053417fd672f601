"""A stack as its users go on changing it: each configuration is one that the one before may become in place."""

from __future__ import annotations

import json
from typing import Any

from walk.dice import Dice

Section = dict[str, Any]

NAME = "walk"
REGIONS = ("us-east-1", "us-east-1", "eu-central-1", "us-west-2", "ap-southeast-2")
ROLES, USER = ("admins", "developers"), "operator"
"""Principals that the account has."""
ACCOUNT = "123456789012"
NEWEST = {"kubernetes": 35, "database": 17}
SOURCES = ("10.1.0.0/16", "10.2.0.0/16")
WEEKLY = ("sun:05:00-sun:06:00", "mon:06:30-mon:07:30")


class Platform:
    """What stays for a stack's life, and what only grows."""

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.region = dice.choice(REGIONS)
        self.cidr = dice.pick("10.0.0.0/16", "10.20.0.0/20", "172.20.0.0/18")
        self.zones, self.zones_by_name = dice.randint(2, 3), dice.maybe(0.3)
        self.path = dice.pick(None, "/platform/")
        self.kubernetes = dice.randint(33, NEWEST["kubernetes"])
        self.engine = dice.pick("postgres", "postgres", "aurora-postgresql")
        self.database = dice.randint(15, NEWEST["database"])
        self.storage_type, self.storage_gb = dice.pick(
            ("gp3", 20), ("gp3", 450), ("gp2", 100), ("io2", 100)
        )
        self.names = dice.part({"name": "orders", "username": "master"})
        self.cache = dice.pick(("redis", "7.0"), ("redis", "7.1"), ("valkey", "7.2"))
        self.cluster_mode = dice.maybe(0.4)
        self.token = False

    def next(self) -> Section:
        """The arguments of the next `stellar_cluster`."""
        dice = self.dice
        stack: Section = {"name": NAME, "deletion_protection": False, "on_create_error": "keep"}
        if self.region != REGIONS[0]:
            stack["region"] = self.region
        if self.path:
            stack["iam"] = {"path": self.path}
        tags = {"team": "a", "cost center": "42/x", "e-mail": "a@b.c"}
        stack |= dice.fields(0.5, tags=lambda: dice.part(tags))
        if dice.maybe(0.85):
            stack["network"] = self._network()
            stack |= dice.fields(
                0.6,
                kubernetes=self._kubernetes,
                database=self._database,
                cache=self._cache,
            )
        buckets = dice.some(("images", "reports", "logs"))
        if buckets:
            stack["buckets"] = {name: self._bucket() for name in buckets}
        return stack | dice.fields(0.5, cdn=lambda: self._cdn(buckets))

    def _network(self) -> Section:
        dice = self.dice
        self.zones = max(self.zones, dice.randint(2, 3))
        endpoints = ("ecr.api", "ecr.dkr", "sts", "logs", "dynamodb", "secretsmanager")
        further = ("100.64.0.0/16", "100.65.0.0/20")
        zones = {"availability_zones": self._zone_names()}
        return {
            "cidr": self.cidr,
            **(zones if self.zones_by_name else {"zone_count": self.zones}),
            **dice.fields(0.7, nat=lambda: dice.pick("per_zone", "single")),
            **dice.fields(
                0.4,
                endpoints=lambda: dice.some(endpoints),
                flow_logs=lambda: dice.pick({}, {"retention_days": dice.pick(1, 90)}),
                secondary_cidrs=lambda: dice.some(further),
            ),
        }

    def _zone_names(self) -> list[str]:
        return [self.region + letter for letter in "abc"[: self.zones]]

    def _kubernetes(self) -> Section:
        dice = self.dice
        self.kubernetes = min(NEWEST["kubernetes"], self.kubernetes + dice.pick(0, 0, 0, 1, 2))
        logs = ("api", "audit", "authenticator", "controllerManager", "scheduler")
        return {
            "version": f"1.{self.kubernetes}",
            **dice.fields(
                0.9, node_pools=lambda: {pool: self._pool() for pool in dice.some("abc")}
            ),
            **dice.fields(
                0.5,
                endpoint=self._endpoint,
                logs=lambda: dice.some(logs),
                addons=self._addons,
                access=self._access,
                pod_identities=self._pod_identities,
            ),
            **dice.fields(
                0.3,
                log_retention_days=lambda: dice.pick(7, 365),
                support=lambda: dice.pick("standard", "extended"),
                volumes=lambda: dice.pick("keep", "delete"),
            ),
        }

    def _pool(self) -> Section:
        dice = self.dice
        least = dice.randint(0, 2)
        most = max(1, least + dice.randint(0, 4))
        taints = (("a", "NoSchedule", "1"), ("a", "NoExecute", ""), ("b", "PreferNoSchedule", "x"))
        types = (["m5.large"], ["m5.large", "m5a.large"], ["t3.medium"], ["m7g.large"])
        return {
            "instance_types": dice.choice(types),
            "min": least,
            "max": most,
            **dice.fields(
                0.4,
                desired=lambda: dice.randint(least, most),
                capacity=lambda: dice.pick("spot", "on_demand"),
                disk_gb=lambda: dice.pick(20, 120),
                labels=lambda: dice.part({"tier": "api", "zone.example.com/x": "1"}),
                taints=lambda: [
                    {"key": key, "effect": effect, "value": value}
                    for key, effect, value in dice.some(taints)
                ],
                max_unavailable=lambda: dice.pick("1", "2", "33%", "100%"),
            ),
            **dice.fields(0.2, availability_zones=lambda: dice.some(self._zone_names(), 1)),
        }

    def _endpoint(self) -> Section:
        dice = self.dice
        blocks = dice.some(("203.0.113.0/24", "198.51.100.7/32"))
        return dice.pick(
            {},
            {"private": True, "public_cidrs": blocks},
            {"private": False, "public_cidrs": ["0.0.0.0/0"]},
        )

    def _addons(self) -> Section:
        dice = self.dice
        prefixes = {"env": {"ENABLE_PREFIX_DELEGATION": dice.pick("true", "false")}}
        replicas = {"replicaCount": dice.randint(2, 4)}
        return dice.part(
            {
                "vpc-cni": {"configuration": json.dumps(prefixes)},
                "coredns": {"configuration": json.dumps(replicas)},
                "metrics-server": {},
            }
        )

    def _access(self) -> Section:
        dice = self.dice
        role = f"arn:aws:iam::{ACCOUNT}:role/"
        return dice.part(
            {
                "admins": {
                    "principal_arn": role + ROLES[0],
                    "policy": dice.pick("cluster-admin", "admin", "view"),
                },
                "developers": {
                    "principal_arn": role + ROLES[1],
                    "policy": "edit",
                    "namespaces": dice.some("ab"),
                },
                "operator": {
                    "principal_arn": f"arn:aws:iam::{ACCOUNT}:user/{USER}",
                    "kubernetes_groups": dice.some("xy", 1),
                },
            }
        )

    def _pod_identities(self) -> Section:
        dice = self.dice
        actions = dice.pick("s3:GetObject", ["s3:PutObject", "s3:GetObject"])
        statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        policies = ("AmazonSQSFullAccess", "ReadOnlyAccess")
        return dice.part(
            {
                "mail": {
                    "namespace": dice.pick("a", "b"),
                    "service_account": "mail",
                    "policy_arns": [f"arn:aws:iam::aws:policy/{p}" for p in dice.some(policies)],
                },
                "files": {
                    "namespace": "a",
                    "service_account": "files",
                    "policy_json": json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
                },
            }
        )

    def _database(self) -> Section:
        dice = self.dice
        self.database = min(NEWEST["database"], self.database + dice.pick(0, 0, 0, 1))
        parameters = {
            "log_min_duration_statement": dice.pick("100", "500"),
            "max_connections": dice.pick("200", "300"),
            "work_mem": "8192",
        }
        engine = self._rds() if self.engine == "postgres" else self._aurora()
        return {
            "engine": self.engine,
            "version": str(self.database),
            **self.names,
            **engine,
            "backup": {
                "final_snapshot": dice.maybe(0.3),
                **dice.fields(
                    0.4,
                    retention_days=lambda: dice.randint(1, 35),
                    window=lambda: dice.pick("03:00-04:00", "07:00-08:00"),
                ),
            },
            **dice.fields(
                0.4,
                maintenance_window=lambda: dice.pick("sun:05:00-sun:06:00", "mon:08:30-mon:09:30"),
                parameters=lambda: dice.part(parameters),
                reboot=lambda: dice.pick("when_needed", "never"),
                monitoring=lambda: {
                    "interval_seconds": dice.pick(0, 30, 60),
                    "insights_retention_days": dice.pick(0, 7, 31),
                },
                iam_authentication=lambda: dice.maybe(0.5),
                access=lambda: {"cidrs": dice.some(SOURCES)},
                log_retention_days=lambda: dice.pick(7, 90),
                port=lambda: dice.pick(5432, 5433),
            ),
        }

    def _rds(self) -> Section:
        dice = self.dice
        if dice.maybe(0.3):
            self.storage_gb = self.storage_gb * 6 // 5 + 5
        storage: Section = {"type": self.storage_type, "gb": self.storage_gb}
        if self.storage_type == "io2":
            storage["iops"] = 3000
        if self.storage_type == "gp3" and self.storage_gb >= 400:
            storage |= dice.fields(0.4, iops=lambda: 16000, throughput=lambda: dice.pick(500, 1000))
        replicas = {"count": dice.randint(0, 2)}
        return {
            "instance_class": dice.pick("db.r6g.large", "db.r6g.xlarge", "db.t4g.medium"),
            "storage": storage | dice.fields(0.4, max_gb=lambda: self.storage_gb * 3 // 2 + 10),
            **dice.fields(
                0.4,
                multi_az=lambda: dice.maybe(0.5),
                replicas=lambda: replicas | dice.fields(0.2, instance_class=lambda: "db.r6g.large"),
                logs=lambda: dice.some(("postgresql", "upgrade")),
            ),
        }

    def _aurora(self) -> Section:
        dice = self.dice
        capacity = {"min_acu": dice.pick(0.5, 1), "max_acu": dice.pick(4, 8)}
        instances = dice.pick(
            {"instance_class": "db.r6g.large"},
            {"instance_class": "db.t4g.medium"},
            {"instance_class": "db.serverless", "serverless": capacity},
        )
        return instances | dice.fields(
            0.4,
            storage=lambda: {"type": dice.pick("aurora", "aurora-iopt1")},
            replicas=lambda: {"count": dice.randint(0, 2)},
            logs=lambda: dice.some(("postgresql",)),
        )

    def _cache(self) -> Section:
        dice = self.dice
        if dice.maybe(0.25):
            self.cache = {"7.0": ("redis", "7.1")}.get(self.cache[1], ("valkey", "8.0"))
        self.token = self.token or dice.maybe(0.15)
        engine, version = self.cache
        parameters = {
            "maxmemory-policy": dice.pick("allkeys-lru", "noeviction"),
            "timeout": dice.pick("0", "300"),
        }
        shape: Section = {"cluster_mode": True} if self.cluster_mode else {}
        if self.cluster_mode:
            shape |= dice.fields(0.7, shards=lambda: dice.randint(1, 3))
        return {
            "engine": engine,
            "version": version,
            "node_type": dice.pick("cache.r7g.large", "cache.t4g.small"),
            **shape,
            **({"auth": "token"} if self.token else {}),
            **dice.fields(0.7, replicas=lambda: dice.randint(0, 3)),
            **dice.fields(
                0.4,
                parameters=lambda: dice.part(parameters),
                snapshot=lambda: {
                    "retention_days": dice.randint(0, 35),
                    **dice.fields(0.5, window=lambda: "01:00-02:00"),
                },
                maintenance_window=lambda: dice.choice(WEEKLY),
                access=lambda: {"cidrs": dice.some(SOURCES)},
            ),
        }

    def _bucket(self) -> Section:
        dice = self.dice
        cold = [
            {"days": 30, "storage_class": "STANDARD_IA"},
            {"days": 90, "storage_class": "GLACIER"},
        ]
        rules = (
            {"prefix": "raw/", "transitions": cold, "expiration_days": 400},
            {"noncurrent_expiration_days": 90, "abort_uploads_days": 7},
            {"prefix": "tmp/", "expiration_days": dice.randint(1, 9)},
        )
        cors = (
            {"allowed_origins": ["https://a.example.com"], "allowed_methods": ["GET", "PUT"]},
            {"allowed_origins": ["*"], "allowed_methods": ["GET"], "max_age_seconds": 600},
        )
        return dice.fields(
            0.4,
            versioning=lambda: dice.maybe(0.5),
            force_destroy=lambda: dice.maybe(0.5),
            lifecycle=lambda: dice.some(rules),
            cors=lambda: dice.some(cors),
        )

    def _cdn(self, buckets: list[str]) -> Section:
        dice = self.dice
        page = {"code": 404, "path": "/404.html", "status": 200, "ttl": dice.pick(0, 60)}
        paths = ("/images/*", "/api/*", "*.jpg")
        return {
            "default_origin": self._behavior(buckets),
            **dice.fields(
                0.4,
                behaviors=lambda: [
                    {"path": path, **self._behavior(buckets)} for path in dice.some(paths)
                ],
                price_class=lambda: dice.pick("100", "200", "All"),
                default_root_object=lambda: "index.html",
                error_responses=lambda: [page],
            ),
        }

    def _behavior(self, buckets: list[str]) -> Section:
        dice = self.dice
        hosts = ("api.example.com", "www.example.com")
        is_bucket = bool(buckets) and dice.maybe(0.6)
        target = {"bucket": dice.choice(buckets)} if is_bucket else {"origin": dice.choice(hosts)}
        behavior = target | dice.fields(
            0.3,
            cache=lambda: dice.maybe(0.5),
            compress=lambda: dice.maybe(0.5),
            viewer_protocol=lambda: dice.pick("redirect-to-https", "https-only"),
        )
        if behavior.get("cache", is_bucket):
            behavior |= dice.fields(
                0.3,
                ttl=lambda: {"min": dice.pick(0, 10), "default": 3600, "max": 86400},
                cache_key=lambda: {
                    "query_strings": dice.pick(["*"], ["a", "b"], []),
                    "headers": dice.some(("Accept-Language",)),
                    "cookies": dice.pick(["*"], ["sid"], []),
                },
            )
        return behavior
