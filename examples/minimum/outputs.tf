output "status" {
  description = "`ready` when everything exists."
  value       = module.platform.status
}

output "kubernetes_endpoint" {
  description = "Address of the Kubernetes API."
  value       = module.platform.eks.endpoint
}

output "database_endpoint" {
  description = "Host of the primary database."
  value       = module.platform.rds.endpoint
}

output "database_secret_arn" {
  description = "Secret with the database's user and password."
  value       = module.platform.rds.secret_arn
}

output "cdn_domain" {
  description = "Domain of the CDN."
  value       = module.platform.cloudfront.domain_name
}

output "components" {
  description = "Number of AWS objects."
  value       = length(module.platform.components)
}
