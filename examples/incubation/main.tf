# Incubation Management Platform: an API on EKS, a Redis cluster, a static site and an API behind one CDN, backups in S3.
# The database is Supabase's and no part of this, nor are the load balancer, the web ACL, the shared file system, the image
# repositories and the names of incubationplatform.com. Numbers marked "chosen" are ours.

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

    # The VPC CNI, CoreDNS and kube-proxy are always there; the load balancer controller is no add-on of EKS. Claims need the EBS
    # driver (always there), shared ones the EFS driver, autoscaling of pods the metrics server.
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
      # The daily dump of 02:00 goes to the bucket below, whose name begins like this.
      dump = {
        namespace       = "production"
        service_account = "database-backup"
        policy_json = jsonencode({
          Version = "2012-10-17"
          Statement = [
            { Effect = "Allow", Action = ["s3:ListBucket"], Resource = "arn:aws:s3:::${var.name}-backups-*" },
            { Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = "arn:aws:s3:::${var.name}-backups-*/database/*" },
            # The bucket's key, which S3 uses for whoever may read and write there.
            {
              Effect    = "Allow"
              Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
              Resource  = "*"
              Condition = { StringEquals = { "kms:ViaService" = "s3.us-west-2.amazonaws.com" } }
            },
          ]
        })
      }
      # Velero keeps its backups 30 days (720 hours), too; without the static keys that it was given.
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
              Condition = { StringEquals = { "kms:ViaService" = "s3.us-west-2.amazonaws.com" } }
            },
            {
              Effect   = "Allow"
              Action   = ["ec2:DescribeVolumes", "ec2:DescribeSnapshots", "ec2:CreateTags", "ec2:CreateVolume", "ec2:CreateSnapshot", "ec2:DeleteSnapshot"]
              Resource = "*"
            },
          ]
        })
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
      # t3.large and m5.xlarge stand in one place of the document, m5.large in another. No SSH: sessions go through Systems Manager.
      worker = { instance_types = ["m5.large"], min = 2, desired = 3, max = 10, disk_gb = 100 }
    }
  }

  # Six nodes as a cluster of three shards with a replica each; the node type is chosen. ElastiCache sets the node timeout itself
  # and keeps no files: 10 GB a node were asked for, this type has 13 GB of memory.
  cache = { engine = "valkey", version = "8.0", node_type = "cache.r7g.large", shards = 3, replicas = 1 }

  buckets = {
    site = { force_destroy = var.disposable }

    # "The last 30 dumps" of a daily job are 30 days.
    backups = {
      lifecycle     = [{ prefix = "database/", expiration_days = 30, noncurrent_expiration_days = 1 }]
      force_destroy = var.disposable
    }

    velero = {
      name          = var.velero_bucket
      lifecycle     = [{ expiration_days = 30, noncurrent_expiration_days = 1 }]
      force_destroy = var.disposable
    }
  }

  # The site is cached, and gets the headers of CORS requests; the API is not, and gets all methods, headers, cookies and query
  # strings. (The document's policy for the site was the one that caches nothing.)
  cdn = {
    default_origin      = { bucket = "site" } # the headers by which S3 decides about CORS are always forwarded
    default_root_object = "index.html"        # chosen
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

variable "velero_bucket" {
  description = "Bucket of Velero's backups. Names of buckets are unique in the world."
  type        = string
  default     = "incubation-platform-velero"
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
