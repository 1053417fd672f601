# --- database ---

variable "database" {
  description = "PostgreSQL on RDS: one primary in two zones and two read replicas; or with `engine = \"aurora-postgresql\"` an Aurora cluster with two readers, for which `storage` (but an Aurora type) and `multi_az` mean nothing and `parameters` should be set anew. The password is generated into Secrets Manager and never in the state. Memory parameters are in the units of RDS (8 kB pages, kB) and fit 32 GB. Null: no database."
  type = object({
    engine         = optional(string, "postgres")
    version        = optional(string, "17")
    support        = optional(string, "standard")
    instance_class = optional(string, "db.m7g.2xlarge")
    serverless     = optional(object({ min_acu = number, max_acu = number, pause_after_seconds = optional(number) }))
    storage = optional(object({
      gb         = optional(number, 500)
      max_gb     = optional(number, 2000)
      type       = optional(string, "gp3")
      iops       = optional(number)
      throughput = optional(number)
    }), {})
    replicas = optional(object({
      count              = optional(number, 2)
      instance_class     = optional(string)
      multi_az           = optional(bool)
      availability_zones = optional(list(string))
    }), {})
    multi_az     = optional(bool, true)
    restore_from = optional(object({ snapshot = optional(string), source = optional(string), time = optional(string) }))
    access = optional(object({
      security_group_ids = optional(set(string), [])
      cidrs              = optional(set(string), [])
    }), {})
    name               = optional(string, "stellar_production")
    username           = optional(string, "stellar_admin")
    port               = optional(number)
    iam_authentication = optional(bool)
    parameters = optional(map(string), {
      max_connections              = "200"
      shared_buffers               = "1048576" # 8 GB
      effective_cache_size         = "3145728" # 24 GB
      work_mem                     = "65536"   # 64 MB
      maintenance_work_mem         = "1048576" # 1 GB
      wal_buffers                  = "2048"    # 16 MB
      checkpoint_completion_target = "0.9"
      default_statistics_target    = "100"
    })
    reboot = optional(string, "never")
    backup = optional(object({
      retention_days = optional(number, 30)
      window         = optional(string, "03:00-04:00")
      final_snapshot = optional(bool, true)
    }), {})
    maintenance_window = optional(string, "sun:04:00-sun:05:00")
    logs               = optional(set(string))
    log_retention_days = optional(number, 30)
    monitoring = optional(object({
      interval_seconds        = optional(number, 60)
      insights_retention_days = optional(number, 7)
      insights_mode           = optional(string)
    }), {})
    certificate_authority = optional(string)
    apply                 = optional(string, "immediately")
  })
  default = {}

  validation {
    condition     = var.database == null ? true : contains(["postgres", "aurora-postgresql"], var.database.engine)
    error_message = "database.engine must be postgres or aurora-postgresql."
  }

  validation {
    condition     = var.database == null ? true : contains(["standard", "extended"], var.database.support)
    error_message = "database.support must be standard or extended."
  }

  validation {
    condition     = try(var.database.storage.type, null) == null ? true : contains(["gp2", "gp3", "io1", "io2", "aurora", "aurora-iopt1"], var.database.storage.type)
    error_message = "database.storage.type must be gp3, gp2, io1 or io2, with Aurora aurora or aurora-iopt1."
  }

  validation {
    condition     = var.database == null ? true : contains(["never", "when_needed"], var.database.reboot)
    error_message = "database.reboot must be never or when_needed."
  }

  validation {
    condition     = alltrue([for log in try(var.database.logs, null) == null ? [] : var.database.logs : contains(["postgresql", "upgrade", "iam-db-auth-error"], log)])
    error_message = "database.logs may hold postgresql, upgrade and iam-db-auth-error."
  }

  validation {
    condition     = var.database == null ? true : contains([0, 1, 5, 10, 15, 30, 60], var.database.monitoring.interval_seconds)
    error_message = "database.monitoring.interval_seconds must be 0, 1, 5, 10, 15, 30 or 60."
  }

  validation {
    condition     = try(var.database.monitoring.insights_mode, null) == null ? true : contains(["standard", "advanced"], var.database.monitoring.insights_mode)
    error_message = "database.monitoring.insights_mode must be standard or advanced."
  }

  validation {
    condition     = try(var.database.certificate_authority, null) == null ? true : contains(["rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"], var.database.certificate_authority)
    error_message = "database.certificate_authority must be rds-ca-rsa2048-g1, rds-ca-rsa4096-g1 or rds-ca-ecc384-g1."
  }

  validation {
    condition     = var.database == null ? true : contains(["immediately", "maintenance_window"], var.database.apply)
    error_message = "database.apply must be immediately or maintenance_window."
  }
}

# --- cache ---

variable "cache" {
  description = "Valkey on ElastiCache: one shard with two replicas, three nodes in all. TLS and encryption at rest are always on. Null: no cache."
  type = object({
    engine       = optional(string, "valkey")
    version      = optional(string, "8.0")
    node_type    = optional(string, "cache.r6g.xlarge")
    shards       = optional(number, 1)
    cluster_mode = optional(bool)
    replicas     = optional(number, 2)
    parameters   = optional(map(string), {})
    auth         = optional(string, "none")
    access = optional(object({
      security_group_ids = optional(set(string), [])
      cidrs              = optional(set(string), [])
    }), {})
    snapshot = optional(object({
      retention_days = optional(number, 7)
      window         = optional(string, "01:00-02:00")
      final_snapshot = optional(bool)
      restore_from   = optional(string)
    }), {})
    maintenance_window = optional(string)
  })
  default = {}

  validation {
    condition     = var.cache == null ? true : contains(["valkey", "redis"], var.cache.engine)
    error_message = "cache.engine must be valkey or redis."
  }

  validation {
    condition     = var.cache == null ? true : contains(["none", "token"], var.cache.auth)
    error_message = "cache.auth must be none or token."
  }
}

# --- buckets and CDN ---

variable "buckets" {
  description = "Private, encrypted, versioned buckets. `images` and `reports` are what the CDN serves. Only noncurrent versions move to Glacier (30 days) and Deep Archive (365 days): what the CDN serves must stay readable. `force_destroy` lets a destroy delete a bucket that holds objects."
  type = map(object({
    name       = optional(string)
    versioning = optional(bool, true)
    lifecycle = optional(list(object({
      prefix                     = optional(string)
      transitions                = optional(list(object({ days = number, storage_class = string })))
      expiration_days            = optional(number)
      noncurrent_transitions     = optional(list(object({ days = number, storage_class = string })))
      noncurrent_expiration_days = optional(number)
      abort_uploads_days         = optional(number)
      })), [
      {
        noncurrent_transitions = [
          { days = 30, storage_class = "GLACIER" },
          { days = 365, storage_class = "DEEP_ARCHIVE" },
        ]
        abort_uploads_days = 7
      },
    ])
    cors = optional(list(object({
      allowed_origins = set(string)
      allowed_methods = set(string)
      allowed_headers = optional(set(string))
      exposed_headers = optional(set(string))
      max_age_seconds = optional(number)
    })), [])
    force_destroy = optional(bool, false)
  }))
  default  = { images = {}, reports = {} }
  nullable = false

  validation {
    condition     = contains(keys(var.buckets), "images") && contains(keys(var.buckets), "reports")
    error_message = "The buckets must include images and reports: the CDN serves both."
  }

  validation {
    condition = alltrue(flatten([for bucket in values(var.buckets) : [for rule in bucket.lifecycle : [
      for move in concat(coalesce(rule.transitions, []), coalesce(rule.noncurrent_transitions, [])) :
      contains(["STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"], move.storage_class)
    ]]]))
    error_message = "A storage_class must be STANDARD_IA, ONEZONE_IA, INTELLIGENT_TIERING, GLACIER_IR, GLACIER or DEEP_ARCHIVE."
  }

  validation {
    condition     = alltrue(flatten([for bucket in values(var.buckets) : [for rule in bucket.cors : [for method in rule.allowed_methods : contains(["GET", "PUT", "HEAD", "POST", "DELETE"], method)]]]))
    error_message = "The allowed_methods of a CORS rule may hold GET, PUT, HEAD, POST and DELETE."
  }
}

variable "cdn" {
  description = "CloudFront with `/images/*` and `/reports/*` from the buckets and `/api/*` uncached from the host `api_origin`; `behaviors` come before these. TTLs are in seconds; `default_ttl` is that of what no path takes, which comes from `images`. `reports_key_group_ids`: reports need signed URLs or cookies. Null: no CDN."
  type = object({
    api_origin            = optional(string, "api.stellar.ai")
    default_ttl           = optional(object({ min = number, default = number, max = number }), { min = 0, default = 3600, max = 86400 })
    images_ttl            = optional(object({ min = number, default = number, max = number }), { min = 0, default = 86400, max = 31536000 })
    reports_ttl           = optional(object({ min = number, default = number, max = number }), { min = 0, default = 3600, max = 86400 })
    reports_key_group_ids = optional(set(string))
    behaviors = optional(list(object({
      path   = string
      bucket = optional(string)
      origin = optional(string)
      cache  = optional(bool)
      ttl    = optional(object({ min = optional(number), default = optional(number), max = optional(number) }))
    })), [])
    default_root_object = optional(string)
    error_responses     = optional(list(object({ code = number, path = optional(string), status = optional(number), ttl = optional(number) })))
    aliases             = optional(set(string), [])
    certificate_arn     = optional(string)
    minimum_tls         = optional(string)
    price_class         = optional(string, "100")
    waf_arn             = optional(string)
  })
  default = {}

  validation {
    condition     = var.cdn == null ? true : contains(["100", "200", "All"], var.cdn.price_class)
    error_message = "cdn.price_class must be 100, 200 or All."
  }

  validation {
    condition     = try(var.cdn.minimum_tls, null) == null ? true : contains(["TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"], var.cdn.minimum_tls)
    error_message = "cdn.minimum_tls must be TLSv1.2_2021, TLSv1.2_2025 or TLSv1.3_2025."
  }
}
