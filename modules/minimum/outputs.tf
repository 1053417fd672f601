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

output "changes" {
  description = "What the last apply did, or a plan is going to do, one line each."
  value       = stellar_cluster.this.changes
}

output "pending" {
  description = "Components that are not yet as they should be; empty when the platform is ready."
  value       = stellar_cluster.this.pending
}

output "estimated_monthly_cost_usd" {
  description = "Estimated cost per month in USD, on demand, before discounts and taxes; null when a part has no known price."
  value       = stellar_cluster.this.estimated_monthly_cost_usd
}

output "cost" {
  description = "The same by component."
  value       = stellar_cluster.this.cost
}

output "cost_notes" {
  description = "What the estimate does not hold, and why."
  value       = stellar_cluster.this.cost_notes
}
