# Incubation Management Platform: an API on EKS, a Redis cluster, a static site and an API behind one CDN, backups in S3.
# The database is Supabase's and no part of this. Numbers marked "chosen" are ours.

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
  tags = { application = "incubation-platform", environment = "production" }

  network = {
    cidr       = "10.0.0.0/16" # chosen
    zone_count = 3
    nat        = "per_zone"
  }

  kubernetes = {
    version = "1.35" # 1.27 was asked for and is gone

    # Claims need the EBS driver (always there), shared ones the EFS driver, autoscaling of pods the metrics server.
    addons = {
      "aws-efs-csi-driver" = {}
      "metrics-server"     = {}
    }

    # What the nodes' role was to be allowed, each for the one service account that needs it.
    pod_identities = {
      autoscaler = {
        namespace       = "kube-system"
        service_account = "cluster-autoscaler"
        policy_arns     = ["arn:aws:iam::aws:policy/AutoScalingFullAccess"]
      }
      external-secrets = {
        namespace       = "external-secrets"
        service_account = "external-secrets"
        policy_json = jsonencode({
          Version = "2012-10-17"
          Statement = [{
            Effect   = "Allow"
            Action   = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
            Resource = "arn:aws:secretsmanager:us-west-2:*:secret:prod/database-*"
          }]
        })
      }
    }

    node_pools = {
      worker = { instance_types = ["m5.large"], min = 2, desired = 3, max = 10, disk_gb = 100 }
    }
  }

  # Six nodes as a cluster of three shards with a replica each; the node type is chosen.
  cache = { engine = "valkey", version = "8.0", node_type = "cache.r7g.large", shards = 3, replicas = 1 }

  buckets = {
    site = { force_destroy = var.disposable }

    # "The last 30 dumps" of a daily job are 30 days.
    backups = {
      lifecycle     = [{ prefix = "database/", expiration_days = 30, noncurrent_expiration_days = 1 }]
      force_destroy = var.disposable
    }
  }

  # The site is cached; the API is not, and gets all methods, headers, cookies and query strings.
  cdn = {
    default_origin      = { bucket = "site" }
    default_root_object = "index.html" # chosen
    behaviors           = [{ path = "/api/*", origin = "api.incubationplatform.com", cache = false }]
    price_class         = "100"
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
  default     = "incubation-platform-prod"
}

variable "disposable" {
  description = "True for a platform that is to be thrown away: no deletion protection, buckets are emptied."
  type        = bool
  default     = false
}

output "cdn_domain" {
  description = "Where incubationplatform.com is to point to."
  value       = stellar_cluster.this.cloudfront.domain_name
}
