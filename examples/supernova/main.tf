# SuperNova AI: an API with a sentiment database, read replicas and a cache, in us-west-2.
#
# Its document describes three runtimes for the API; this is the one on Kubernetes. A load balancer in front of it comes
# from the cluster's own controller, and with it port 443 for everybody and 8081 for nobody else. Numbers marked "chosen" are
# ours.
#
# No part of this are the certificate and the names of supernova-ai.com, the application's secrets, PgBouncer (200 connections
# are fewer than ten servers may ask for: it belongs in between) and what watches the cluster.

terraform {
  required_version = ">= 1.5"

  required_providers {
    stellar = { source = "stellar/stellar" }
  }
}

provider "stellar" {
  region = "us-west-2"
}

resource "stellar_cluster" "this" {
  name = var.name
  tags = { application = "supernova" }

  network = {
    cidr       = "10.0.0.0/16" # chosen within 10.0.0.0/8, which the document lets in
    zone_count = 3             # chosen: the document names two subnets and a replica in a third zone
    nat        = "per_zone"
  }

  kubernetes = {
    version = "1.35" # not given

    node_pools = {
      # API servers of 4 vCPU and 8 GB, 2 to 10; a pod asks for 1 CPU and 2 GB, and there are 3 to begin with.
      api = { instance_types = ["c5.xlarge"], min = 2, desired = 3, max = 10, disk_gb = 100 }
    }
  }

  database = {
    engine         = "postgres"
    version        = "17" # 13.7 was asked for and is gone; TimescaleDB is not offered on RDS
    instance_class = "db.r5.2xlarge"
    storage        = { gb = 500, type = "gp3" } # gp2 in one place of the document, gp3 in another
    multi_az       = true
    name           = "supernova"
    username       = "supernovauser"

    # One is shown, two are recommended. A db.r5.large was asked for: 16 GB, which the parameters below do not fit.
    replicas = { count = 2, availability_zones = ["us-west-2b", "us-west-2c"] }

    # In the units of RDS. For 64 GB: the document's numbers, save what would not fit (work_mem was 256 MB for each of 200
    # connections), what belongs to RDS (archiving, senders of the write-ahead log, log files), what it does not offer
    # (timescaledb) and what leaks (log_statement was "all").
    parameters = {
      max_connections              = "200"
      shared_buffers               = "1048576" # 8 GB
      effective_cache_size         = "3145728" # 24 GB
      work_mem                     = "65536"   # 64 MB, chosen
      maintenance_work_mem         = "2097152" # 2 GB
      checkpoint_completion_target = "0.9"
      checkpoint_timeout           = "900"  # 15 min
      max_wal_size                 = "4096" # 4 GB
      min_wal_size                 = "1024" # 1 GB
      shared_preload_libraries     = "pg_stat_statements"
      log_statement                = "ddl"
      log_min_duration_statement   = "1000"
    }

    backup = { retention_days = 30, window = "03:00-04:00", final_snapshot = !var.disposable } # the window is chosen
  }

  # Redis of 2 vCPU and 13 GB with failover and a password: a primary and a replica (chosen). Valkey is chosen, it continues
  # Redis 7.
  cache = { engine = "valkey", version = "8.0", node_type = "cache.r6g.large", replicas = 1, auth = "token" }

  # Dumps are kept 30 days, the application's uploads and settings (below application/) for good. The write-ahead log needs no
  # bucket: RDS keeps it itself, for any second of 30 days.
  buckets = {
    backups = {
      lifecycle     = [{ prefix = "postgresql/", expiration_days = 30, noncurrent_expiration_days = 1 }]
      force_destroy = var.disposable
    }
  }

  deletion_protection = !var.disposable
  on_create_error     = "keep"

  lifecycle {
    postcondition {
      condition     = self.status == "ready"
      error_message = "The platform is ${self.status}. Nothing is lost: run the same apply again."
    }
  }
}

variable "name" {
  description = "Name of the platform."
  type        = string
  default     = "supernova-prod"
}

variable "disposable" {
  description = "True for a platform that is to be thrown away: no deletion protection, no final snapshot, buckets are emptied."
  type        = bool
  default     = false
}

output "database" {
  description = "Where the database is, and the secret that holds its password."
  value = {
    writer  = stellar_cluster.this.rds.endpoint
    readers = stellar_cluster.this.rds.reader_endpoints
    secret  = stellar_cluster.this.rds.secret_arn
  }
}
