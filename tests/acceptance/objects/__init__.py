"""Two platforms that together hold an object of every kind, and what can be done to each object by boto3."""

from __future__ import annotations

import re

from acceptance.fields import Account
from harness.lab import ROOT

PLATFORM = "stellar_cluster.platform"
AURORA = "stellar_cluster.aurora"
KINDS = {
    kind
    for file in (ROOT / "provider" / "aws" / "src").rglob("*.rs")
    for kind in re.findall(r"const KIND: &'static str = \"([^\"]+)\"", file.read_text())
}
"""What the provider can make."""

DEVELOPER = "arn:aws:iam::210987654321:role/dev"
"""A principal of another account need not exist."""

CONFIGURATION = f"""
terraform {{
  required_providers {{
    stellar = {{ source = "stellar/stellar" }}
  }}
}}

provider "stellar" {{
  region       = "us-east-1"
  default_tags = {{ tags = {{ owner = "platform" }} }}
}}

variable "tags" {{
  type    = map(string)
  default = {{ team = "shop", stage = "test" }}
}}

resource "stellar_cluster" "platform" {{
  name = "shop"
  tags = var.tags

  network = {{
    availability_zones = ["us-east-1a", "us-east-1b", "us-east-1c"]
    nat                = "single"
    endpoints          = ["ecr.api"]
    flow_logs          = {{ retention_days = 30 }}
    secondary_cidrs    = ["100.64.0.0/16"]
  }}
  kubernetes = {{
    version        = "1.35"
    access         = {{ dev = {{ principal_arn = "{DEVELOPER}", policy = "view" }} }}
    pod_identities = {{ files = {{ namespace = "web", service_account = "files", policy_arns = ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"] }} }}
    node_pools = {{
      api = {{ instance_types = ["m5.large"], max = 4, availability_zones = ["us-east-1a", "us-east-1b"] }}
    }}
  }}
  database = {{
    instance_class = "db.t4g.medium"
    replicas       = {{ count = 1 }}
    parameters     = {{ work_mem = "65536" }}
    backup         = {{ retention_days = 3, window = "03:00-04:00", final_snapshot = false }}
  }}
  cache = {{
    node_type          = "cache.t3.micro"
    replicas           = 1
    auth               = "token"
    maintenance_window = "sun:03:00-sun:04:30"
  }}
  buckets = {{
    images = {{
      force_destroy = true
      cors          = [{{ allowed_origins = ["https://app.example.com"], allowed_methods = ["GET"] }}]
    }}
  }}
  cdn = {{
    default_origin = {{ bucket = "images" }}
    behaviors = [{{
      path      = "/api/*"
      origin    = "api.example.com"
      cache_key = {{ headers = ["Authorization"] }}
      forward   = {{ cookies = ["session"] }}
    }}]
  }}
  deletion_protection = false
  timeouts            = {{ create = "99h", update = "99h", delete = "99h" }}
}}

resource "stellar_cluster" "aurora" {{
  name    = "far"
  tags    = var.tags
  network = {{ cidr = "10.1.0.0/16", zone_count = 2, nat = "none" }}
  database = {{
    engine         = "aurora-postgresql"
    instance_class = "db.r6g.large"
    parameters     = {{ work_mem = "65536" }}
    backup         = {{ final_snapshot = false }}
  }}
  deletion_protection = false
  timeouts            = {{ create = "99h", update = "99h", delete = "99h" }}
}}
"""


def components(account: Account, *kinds: str) -> dict[str, str]:
    """Address → id of the stack's objects of these kinds; without kinds of all."""
    found = account.values["components"]
    return {
        address: each["id"] for address, each in found.items() if not kinds or each["kind"] in kinds
    }
