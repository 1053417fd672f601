# The minimum platform as 90 single resources of another provider, which judges the lab.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region            = "us-east-1"
  s3_use_path_style = true

  default_tags {
    tags = { platform = var.name }
  }

  endpoints {
    cloudfront     = var.endpoint
    ec2            = var.endpoint
    eks            = var.endpoint
    elasticache    = var.endpoint
    iam            = var.endpoint
    kms            = var.endpoint
    logs           = var.endpoint
    rds            = var.endpoint
    s3             = var.endpoint
    secretsmanager = var.endpoint
    sts            = var.endpoint
  }
}

variable "endpoint" {
  description = "Where the lab listens."
  type        = string
}

variable "name" {
  type    = string
  default = "peer"
}

variable "database_gb" {
  type    = number
  default = 500
}

variable "ai_nodes" {
  type    = number
  default = 2
}

variable "cached_days" {
  type    = number
  default = 1
}

variable "databases" {
  description = "Database and cache too; the provider waits a minute for each of their changes, whatever the lab says."
  type        = bool
  default     = false
}

variable "extras" {
  description = "What the lab is judged by although the minimum platform without databases does not have it."
  type        = bool
  default     = true
}
