# Every attribute that is built, with a value that is not its default where one can be chosen freely.

terraform {
  required_providers {
    stellar = { source = "stellar/stellar" }
  }
}

provider "stellar" {}

resource "stellar_cluster" "this" {
  name   = "stellar-prod"
  region = "us-east-1"
  tags   = { team = "platform" }

  network = {
    cidr       = "10.0.0.0/16"
    zone_count = 3
    nat        = "per_zone"
    endpoints  = ["ecr.api", "ecr.dkr"]
    flow_logs  = { retention_days = 30 }
    existing   = null
  }

  kubernetes = {
    version            = "1.35"
    support            = "standard"
    endpoint           = { private = true, public_cidrs = ["203.0.113.0/24"] }
    logs               = ["api", "audit", "authenticator"]
    log_retention_days = 30
    addons             = { "vpc-cni" = { version = null, configuration = null } }
    access = {
      admins = { principal_arn = "arn:aws:iam::123456789012:role/admins", policy = "cluster-admin", namespaces = [] }
    }
    pod_identities = {
      external-secrets = {
        namespace       = "external-secrets"
        service_account = "external-secrets"
        policy_arns     = ["arn:aws:iam::aws:policy/SecretsManagerReadWrite"]
        policy_json     = null
      }
    }
    node_pools = {
      api = {
        instance_types  = ["m5.xlarge"]
        min             = 3
        desired         = 5
        max             = 20
        capacity        = "on_demand"
        disk_gb         = 120
        labels          = { tier = "api" }
        taints          = []
        image           = "AL2023_x86_64_STANDARD"
        max_unavailable = "33%"
      }
    }
  }

  database = {
    engine         = "postgres"
    version        = "17"
    instance_class = "db.r6g.2xlarge"
    storage        = { gb = 500, max_gb = 2000, type = "gp3" }
    replicas       = { count = 1, instance_class = "db.r6g.xlarge" }
    multi_az       = true
    restore_from   = null
    access         = { security_group_ids = [], cidrs = ["10.1.0.0/16"] }
    name           = "stellar"
    username       = "stellar"
    parameters     = { max_connections = "200" }
    backup         = { retention_days = 7, window = "03:00-04:00", final_snapshot = false }

    maintenance_window = "sun:04:00-sun:05:00"
    monitoring         = { interval_seconds = 60, insights_retention_days = 7 }
    apply              = "immediately"
  }

  cache = {
    engine     = "valkey"
    version    = "8.0"
    node_type  = "cache.r6g.large"
    shards     = 2
    replicas   = 1
    parameters = {}
    snapshot   = { retention_days = 7, window = "01:00-02:00" }
  }

  buckets = {
    images = {
      versioning = true
      lifecycle = [
        { prefix = "raw/", transitions = [{ days = 30, storage_class = "STANDARD_IA" }], expiration_days = 400 },
        { noncurrent_expiration_days = 90, abort_uploads_days = 7 },
      ]
      cors = [
        { allowed_origins = ["https://app.example.com"], allowed_methods = ["GET", "PUT"], max_age_seconds = 600 },
      ]
      force_destroy = true
    }
  }

  cdn = {
    default_origin = { bucket = "images" }
    behaviors = [
      { path = "/images/*", bucket = "images", ttl = { min = 0, default = 86400, max = 31536000 } },
      { path = "/api/*", origin = "api.example.com", cache = false },
    ]
    aliases         = []
    certificate_arn = null
    price_class     = "100"
    waf_arn         = null
  }

  iam          = { permissions_boundary = null, path = "/platform/" }
  kms_key_arns = {}

  deletion_protection = false
  allow_replace       = []
  on_create_error     = "taint"
  adopt               = false
  timeouts            = { create = "90m", update = "120m", delete = "90m" }
}
