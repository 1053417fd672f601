# The smallest useful platform: a network and a Kubernetes cluster with one node pool.

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

  network = {
    cidr       = "10.0.0.0/16"
    zone_count = 2
    nat        = "single"
  }

  kubernetes = {
    version = "1.35"
    node_pools = {
      general = { instance_types = ["m5.large"], min = 1, desired = 2, max = 4 }
    }
  }

  deletion_protection = false
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
  default     = "stellar-basic"
}

output "kubernetes_endpoint" {
  description = "Address of the Kubernetes API."
  value       = stellar_cluster.this.eks.endpoint
}
