# The minimum profile: a complete platform for a few hundred users, in one resource.

resource "stellar_cluster" "this" {
  name   = var.name
  region = var.region
  tags   = var.tags

  network    = local.network
  kubernetes = merge(var.kubernetes, { node_pools = local.node_pools })
  database   = local.database
  cache      = var.cache
  buckets    = var.buckets
  cdn        = local.cdn

  iam          = var.iam
  kms_key_arns = var.kms_key_arns

  deletion_protection = var.deletion_protection
  allow_replace       = var.allow_replace
  adopt               = var.adopt
  timeouts            = var.timeouts
  preflight           = var.preflight
  cost_estimate       = var.cost_estimate

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
  # Zones are counted or named, never both; a VPC of one's own brings everything but the flow logs.
  makes_vpc = var.network.existing == null
  network = merge(var.network, {
    cidr            = local.makes_vpc ? var.network.cidr : null
    secondary_cidrs = local.makes_vpc ? var.network.secondary_cidrs : null
    zone_count      = local.makes_vpc && var.network.availability_zones == null ? var.network.zone_count : null
    nat             = local.makes_vpc ? var.network.nat : null
    endpoints       = local.makes_vpc ? var.network.endpoints : null
  })

  node_pools = merge(
    { for name, pool in { api = var.api_nodes, ai = var.ai_nodes } : name => pool if pool != null },
    var.node_pools,
  )

  # Aurora has storage and standbys of its own.
  is_aurora = try(var.database.engine, "") == "aurora-postgresql"
  database = var.database == null ? null : merge(var.database, {
    storage = local.is_aurora && !startswith(try(var.database.storage.type, ""), "aurora") ? null : {
      for name, value in var.database.storage : name => value if !local.is_aurora || name == "type"
    }
    multi_az = local.is_aurora ? null : var.database.multi_az
  })

  cdn = var.cdn == null ? null : {
    default_origin      = { bucket = "images", ttl = var.cdn.default_ttl }
    default_root_object = var.cdn.default_root_object
    error_responses     = var.cdn.error_responses
    aliases             = var.cdn.aliases
    certificate_arn     = var.cdn.certificate_arn
    minimum_tls         = var.cdn.minimum_tls
    price_class         = var.cdn.price_class
    waf_arn             = var.cdn.waf_arn

    # All with the same attributes: Terraform wants the elements of a list to be of one type.
    behaviors = [for behavior in concat(var.cdn.behaviors, local.behaviors) : {
      path          = behavior.path
      bucket        = try(behavior.bucket, null)
      origin        = try(behavior.origin, null)
      cache         = try(behavior.cache, null)
      ttl           = try(behavior.ttl, null)
      key_group_ids = try(behavior.key_group_ids, null)
    }]
  }

  behaviors = var.cdn == null ? null : [
    { path = "/images/*", bucket = "images", origin = null, cache = true, ttl = var.cdn.images_ttl, key_group_ids = null },
    { path = "/api/*", bucket = null, origin = var.cdn.api_origin, cache = false, ttl = null, key_group_ids = null },
    { path = "/reports/*", bucket = "reports", origin = null, cache = true, ttl = var.cdn.reports_ttl, key_group_ids = var.cdn.reports_key_group_ids },
  ]
}
