# The minimum platform. `make demo` runs exactly this against the lab.

terraform {
  required_version = ">= 1.5"

  required_providers {
    stellar = { source = "stellar/stellar" }
  }
}

provider "stellar" {
  region       = var.region
  endpoint_url = var.endpoint_url
}

module "platform" {
  source = "../../modules/minimum"

  name       = var.name
  node_pools = var.node_pools
  cdn        = { api_origin = var.api_origin }

  deletion_protection = !var.disposable
  buckets = {
    images  = { force_destroy = var.disposable }
    reports = { force_destroy = var.disposable }
  }
  database = {
    storage = { gb = var.database_gb }
    backup  = { final_snapshot = !var.disposable }
  }
}
