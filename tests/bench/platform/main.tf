# What `tests/peer/platform` builds of single resources, with the module: the two are compared by `make bench`.

terraform {
  required_providers {
    stellar = { source = "stellar/stellar" }
  }
}

provider "stellar" {
  region = "us-east-1"
}

module "platform" {
  source = "../../modules/minimum"

  name    = "bench"
  network = { endpoints = ["ecr.api"], flow_logs = {} }

  kubernetes = {
    logs           = ["api", "audit", "authenticator"]
    pod_identities = { app = { namespace = "app", service_account = "api" } }
  }

  api_nodes = { min = 3, desired = 3 }
  ai_nodes  = { min = 2, desired = 2 }

  database = var.databases ? { replicas = { count = 1 }, backup = { final_snapshot = false } } : null
  cache    = var.databases ? {} : null
  buckets  = { images = { force_destroy = true }, reports = { force_destroy = true } }

  deletion_protection = false
}

variable "databases" {
  description = "Database and cache too."
  type        = bool
  default     = false
}
