"""How long AWS takes, in AWS seconds, per kind and transition: the only place with such numbers.

Typical values as seen by users; AWS publishes none of them. A transition that is not in the table
is a mistake in the lab, so looking it up raises KeyError.
"""

from __future__ import annotations

SECONDS: dict[str, dict[str, float]] = {
    "ec2/vpc": {"create": 1},
    "ec2/subnet": {"create": 1},
    "ec2/nat-gateway": {"create": 120, "fail": 10, "delete": 60, "vanish": 3600},
    "ec2/placement-group": {"create": 1},
    "ec2/capacity-reservation": {"create": 5, "pay": 60, "start": 0, "expire": 0},
    "ec2/vpc-endpoint": {"create": 120, "delete": 180},
    "ec2/instance": {"create": 30, "terminate": 40},
    "elb/load-balancer": {"delete": 60},
    "elbv2/load-balancer": {"create": 150, "delete": 60},
    "iam/role": {"propagate": 10},
    "secretsmanager/replica": {"create": 10},
    "kms/key": {"create": 5, "update": 5},
    "eks/cluster": {"create": 540, "delete": 240, "update": 120, "upgrade": 540},
    "eks/nodegroup": {"create": 240, "delete": 360, "update": 60, "upgrade": 900},
    "eks/addon": {"create": 60, "delete": 30, "update": 60},
    "eks/insights": {"refresh": 120},
    "eks/access-entry": {"create": 2},
    "eks/pod-identity": {"create": 2},
    "rds/instance": {
        "create": 480,
        "create-multi-az": 900,
        "replica": 600,
        "modify": 300,
        "modify-storage": 300,
        "optimize": 3600,
        "reboot": 60,
        "promote": 300,
        "delete": 420,
    },
    "rds/snapshot": {"create": 120, "delete": 5},
    "rds/cluster": {
        "create": 120,
        "restore": 600,
        "modify": 60,
        "upgrade": 900,
        "failover": 30,
        "promote": 120,
        "delete": 120,
    },
    "rds/global-cluster": {
        "create": 30,
        "modify": 30,
        "upgrade": 900,
        "failover": 120,
        "delete": 30,
    },
    "rds/backup-replication": {"create": 600},
    "rds/blue-green-deployment": {
        "copy": 660,
        "upgrade": 900,
        "topology": 540,
        "switchover": 60,
        "delete": 60,
    },
    "rds/cluster-snapshot": {"create": 120, "delete": 5},
    "rds/cluster-endpoint": {"create": 30, "modify": 30, "delete": 30},
    "elasticache/replication-group": {
        "create": 540,
        "modify": 180,
        "scale": 480,
        "snapshot": 120,
        "tag": 10,
        "token": 60,
        "failover": 120,
        "delete": 420,
    },
    "elasticache/user": {"create": 10, "modify": 10, "delete": 10},
    "elasticache/user-group": {"create": 20, "modify": 20, "delete": 20},
    "elasticache/global": {"create": 300, "modify": 480, "failover": 60, "delete": 300},
    "elasticache/snapshot": {"create": 120, "delete": 5},
    "cloudfront/distribution": {"create": 300, "update": 300},
    "acm/certificate": {"validate": 120},
    "cloudfront/invalidation": {"create": 60},
    "backup/job": {"run": 600},
    "ecs/service": {"deploy": 120},
    "efs/file-system": {"create": 5},
    "efs/mount-target": {"create": 90, "delete": 60},
    "efs/access-point": {"create": 5},
    "route53/change": {"spread": 60},
    "opensearch/domain": {"create": 1080, "update": 1500, "upgrade": 2700, "delete": 900},
}


def seconds(kind: str, transition: str) -> float:
    """AWS seconds that `transition` of `kind` takes; KeyError when the table does not know it."""
    return SECONDS[kind][transition]
