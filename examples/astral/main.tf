# Astral Planner: a Next.js application on EKS, mostly on spot nodes, Aurora, a Redis cluster, a CDN in front of a load
# balancer, backups by Velero. Numbers marked "chosen" are ours; the document gives few.
#
# No part of this are the load balancer, the names of astral-planner.com, the application's secret, the archive of backups, and
# what runs in the cluster. Everything is denied that no security group allows: databases and caches take the cluster's nodes alone.

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
  tags = { application = "astral-planner", environment = "production" }

  network = {
    cidr       = "10.0.0.0/16" # chosen
    zone_count = 3             # chosen
    nat        = "per_zone"
  }

  kubernetes = {
    version = "1.35" # 1.28 or newer was asked for; its API, audit and authenticator logs are kept

    node_pools = {
      # Spot is preferred, from c6i.large to c6i.2xlarge; similar types are added, so that AWS has a choice. Sizes are chosen
      # for 5 to 100 pods.
      spot = {
        instance_types = ["c6i.xlarge", "c6a.xlarge", "c5.xlarge"]
        capacity       = "spot"
        min            = 2
        desired        = 3
        max            = 25
      }
      # Chosen: what must survive when no spot capacity is left.
      base = { instance_types = ["c6i.large"], min = 3, desired = 3, max = 6 }
    }

    # Velero stores backups without keys of its own.
    pod_identities = {
      velero = {
        namespace       = "velero"
        service_account = "velero"
        policy_json = jsonencode({
          Version = "2012-10-17"
          Statement = [
            { Effect = "Allow", Action = ["s3:ListBucket"], Resource = "arn:aws:s3:::${var.velero_bucket}" },
            {
              Effect   = "Allow"
              Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
              Resource = "arn:aws:s3:::${var.velero_bucket}/*"
            },
            # The bucket's key, which S3 uses for whoever may read and write there.
            {
              Effect    = "Allow"
              Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
              Resource  = "*"
              Condition = { StringEquals = { "kms:ViaService" = "s3.us-east-1.amazonaws.com" } }
            },
            {
              Effect   = "Allow"
              Action   = ["ec2:DescribeVolumes", "ec2:DescribeSnapshots", "ec2:CreateTags", "ec2:CreateVolume", "ec2:CreateSnapshot", "ec2:DeleteSnapshot"]
              Resource = "*"
            },
          ]
        })
      }
    }
  }

  # Aurora with a writer and two readers; a reader takes over within a minute. Version, class and count are chosen, and so is
  # the backup window, which must lie outside of the maintenance window.
  database = {
    engine         = "aurora-postgresql"
    version        = "17"
    instance_class = "db.r6g.large"
    replicas       = { count = 2 }
    name           = "astral"
    backup         = { retention_days = 30, window = "00:30-01:30", final_snapshot = !var.disposable }

    maintenance_window = "sun:02:00-sun:04:00"
  }

  # A cluster of two shards, chosen. Snapshots are daily: ElastiCache makes no hourly ones.
  cache = {
    engine    = "valkey"
    version   = "8.0"
    node_type = "cache.r7g.large"
    shards    = 2
    replicas  = 1
    snapshot  = { retention_days = 7, window = "05:00-06:00" }

    maintenance_window = "sun:02:00-sun:04:00"
  }

  buckets = {
    assets = {
      lifecycle     = [{ noncurrent_expiration_days = 90, abort_uploads_days = 7 }] # chosen
      force_destroy = var.disposable
    }
    velero = { name = var.velero_bucket, force_destroy = var.disposable }
  }

  # CloudFront in front of the load balancer of the ingress controller; viewers and the load balancer's certificate use TLS.
  cdn = {
    default_origin = { origin = var.load_balancer_host } # uncached: everything but the host reaches the application
    behaviors      = [{ path = "/_next/static/*", bucket = "assets" }]
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
  default     = "astral-planner-production"
}

variable "velero_bucket" {
  description = "Bucket of Velero's backups. Names of buckets are unique in the world."
  type        = string
  default     = "astral-planner-backups-primary"
}

variable "load_balancer_host" {
  description = "Host of the load balancer in front of the application, with a valid certificate."
  type        = string
  default     = "origin.astral-planner.com"
}

variable "disposable" {
  description = "True for a platform that is to be thrown away: no deletion protection, no final snapshot, buckets are emptied."
  type        = bool
  default     = false
}

output "kubernetes_endpoint" {
  description = "Address of the Kubernetes API, within the VPC."
  value       = stellar_cluster.this.eks.endpoint
}
