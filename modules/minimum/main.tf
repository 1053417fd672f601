# The minimum profile: a complete platform for a few hundred users, in one resource.

resource "stellar_cluster" "this" {
  name   = var.name
  region = var.region
  tags   = var.tags

  network    = merge(var.network, { zone_count = var.network.availability_zones == null ? var.network.zone_count : null })
  kubernetes = merge(var.kubernetes, { node_pools = local.node_pools })
  database   = var.database
  cache      = var.cache
  buckets    = var.buckets
  cdn        = local.cdn

  iam          = var.iam
  kms_key_arns = var.kms_key_arns

  deletion_protection = var.deletion_protection
  allow_replace       = var.allow_replace
  adopt               = var.adopt
  timeouts            = var.timeouts

  # A create that fails half-way is kept and finished by the next apply, never thrown away. The
  # postcondition makes such an apply end with exit code 1 and holds back what depends on the platform.
  on_create_error = "keep"

  lifecycle {
    postcondition {
      condition     = self.status == "ready"
      error_message = "The platform ${var.name} is ${self.status}, not ready. Nothing is lost: what exists is in the state, and the warnings above say what is missing. Run the same apply again; it continues where this one stopped."
    }
  }
}

locals {
  node_pools = merge(
    { for name, pool in { api = var.api_nodes, ai = var.ai_nodes } : name => pool if pool != null },
    var.node_pools,
  )

  cdn = var.cdn == null ? null : {
    default_origin  = { bucket = "images" }
    aliases         = var.cdn.aliases
    certificate_arn = var.cdn.certificate_arn
    price_class     = var.cdn.price_class
    waf_arn         = var.cdn.waf_arn

    behaviors = [
      { path = "/images/*", bucket = "images", origin = null, cache = true, ttl = var.cdn.images_ttl },
      { path = "/api/*", bucket = null, origin = var.cdn.api_origin, cache = false, ttl = null },
      { path = "/reports/*", bucket = "reports", origin = null, cache = true, ttl = var.cdn.reports_ttl },
    ]
  }
}
