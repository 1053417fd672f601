output "id" {
  description = "Identifier of the platform."
  value       = stellar_cluster.this.id
}

output "claim" {
  description = "Identifier that marks every object of the platform, constant for its life."
  value       = stellar_cluster.this.claim
}

output "status" {
  description = "`ready`, `incomplete` or `degraded`."
  value       = stellar_cluster.this.status
}

output "components" {
  description = "Every AWS object of the platform: address → kind and id."
  value       = stellar_cluster.this.components
}

output "vpc" {
  description = "VPC, subnets, route tables and NAT addresses."
  value       = stellar_cluster.this.vpc
}

output "eks" {
  description = "Kubernetes endpoint, certificate authority, OIDC issuer, security groups and roles."
  value       = stellar_cluster.this.eks
}

output "rds" {
  description = "Database endpoints, port and the ARN of the secret with its password; null without a database."
  value       = stellar_cluster.this.rds
}

output "elasticache" {
  description = "Cache endpoints and port; null without a cache."
  value       = stellar_cluster.this.elasticache
}

output "s3" {
  description = "Buckets by name."
  value       = stellar_cluster.this.s3
}

output "cloudfront" {
  description = "Distribution id and domain; null without a CDN."
  value       = stellar_cluster.this.cloudfront
}

output "retained" {
  description = "What stays in the account on purpose after something was deleted, such as final snapshots."
  value       = stellar_cluster.this.retained
}
