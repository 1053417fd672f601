# Stellar Intelligence Platform: image analysis on EKS with GPU nodes, PostgreSQL, a cache, two buckets and a CDN.
#
# The module `minimum` has this platform's numbers as its defaults; what stands here is what is particular to it.
# Numbers marked "chosen" are ours: the platform's own document is silent, or AWS no longer accepts what it says.
#
# What it asks for beyond these sections is no part of this: the names api.stellar.ai and app.stellar.ai, the application's
# own secrets and their rotation, GuardDuty, CloudTrail, the vector database, the second region, and what runs in the cluster.

terraform {
  required_version = ">= 1.5"

  required_providers {
    stellar = { source = "stellar/stellar" }
  }
}

provider "stellar" {
  region = "us-east-1"
}

module "platform" {
  source = "../../modules/minimum"

  name = var.name
  tags = { application = "stellar", environment = "production" }

  network = {
    cidr       = "10.0.0.0/16"
    zone_count = 3                             # a, b and c; the node pools use all three, not two of them
    endpoints  = ["ecr.api", "ecr.dkr", "sts"] # chosen: images are pulled without the NAT gateways
    flow_logs  = { retention_days = 30 }       # asked for; the retention is chosen
  }

  # 1.27 was asked for and is gone. The API is closed to the internet; it was open to everybody. Which roles may use it is
  # not given: `access` has to name them.
  kubernetes = { version = "1.35" }

  # Frontend (3 × 2 vCPU, 20 GB) and API services (5 × 4 vCPU, 50 GB) share these nodes: 3 / 5 / 20 × 4 vCPU, 16 GB, with 100 GB
  # of disk (chosen) for both. An API pod that asks for 2 vCPU fills one: give it less, or the nodes more.
  api_nodes = { instance_types = ["m5.xlarge"], min = 3, desired = 5, max = 20 }

  # AI processing asks for 8 vCPU with a T4 and 100 GB; a pod needs 4 CPU and 16 GB, which a g4dn.xlarge cannot give.
  ai_nodes = { instance_types = ["g4dn.2xlarge"], min = 2, desired = 3, max = 10 }

  # 8 vCPU, 32 GB, 500 GB growing to 2 TB, two replicas. 14.9 on db.r5.2xlarge was asked for and is gone; 17 is chosen,
  # on a class with the memory that the parameters are made for. Module defaults: database stellar_production, user
  # stellar_admin, a standby (none was asked for, though high availability was), enhanced monitoring every 60 seconds, and all
  # eight parameters in the units of RDS.
  database = {
    version        = "17"
    instance_class = "db.m7g.2xlarge"
    storage        = { gb = 500, max_gb = 2000 }
    replicas       = { count = 2 }
    backup         = { retention_days = 30, window = "03:00-04:00", final_snapshot = !var.disposable }

    maintenance_window = "sun:04:00-sun:05:00"
  }

  # Three nodes of 4 vCPU and 26 GB (2 vCPU, 8 GB and 20 GB of disk are the least that is asked for) with failover, TLS and daily
  # snapshots for 7 days. Valkey continues Redis 7; cluster mode stays off, as in default.redis7.
  cache = { engine = "valkey", version = "8.0", node_type = "cache.r6g.xlarge", shards = 1, replicas = 2 }

  # Versioned and encrypted; their names end in characters of the stack's own, since names of buckets are unique in the world.
  # To Glacier after 30 and Deep Archive after 365 days go old versions only (module default):
  # the CDN must be able to read the current ones.
  buckets = {
    images  = { force_destroy = var.disposable }
    reports = { force_destroy = var.disposable }
  }

  # Seconds in the cache: 0 / 3600 / 86400 by default, images 0 / 86400 / 31536000, the API none. Buckets are only read: PUT and
  # DELETE were let through to them.
  cdn = { api_origin = "api.stellar.ai" }

  deletion_protection = !var.disposable
}

variable "name" {
  description = "Name of the platform."
  type        = string
  default     = "stellar-production"
}

variable "disposable" {
  description = "True for a platform that is to be thrown away: no deletion protection, no final snapshot, buckets are emptied."
  type        = bool
  default     = false
}

output "platform" {
  description = "How to reach the platform's parts."
  value = {
    kubernetes = module.platform.eks.endpoint
    database   = module.platform.rds.endpoint
    cache      = module.platform.elasticache.endpoint
    cdn        = module.platform.cloudfront.domain_name
  }
}
