# --- the platform ---

variable "name" {
  description = "Name of the platform: 3 to 28 lower-case letters, digits and single hyphens, beginning with a letter. Names of AWS objects derive from it, so it is fixed for life."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name)) && length(var.name) >= 3 && length(var.name) <= 28 && !startswith(var.name, "internal-")
    error_message = "The name must have 3 to 28 lower-case letters, digits and single hyphens, begin with a letter, and not begin with \"internal-\"."
  }
}

variable "region" {
  description = "AWS region of the platform. Default: the provider's region. A change is a replacement."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags for every object that is created."
  type        = map(string)
  default     = {}
  nullable    = false
}

# --- network ---

variable "network" {
  description = "The VPC: range, zones (`availability_zones` or how many), NAT (`per_zone`, `single` or `none`), interface endpoints, flow logs (kept 30 days; null: none). With `existing` an own VPC is used, and all else but the flow logs is left out."
  type = object({
    cidr               = optional(string, "10.0.0.0/16")
    secondary_cidrs    = optional(set(string), [])
    zone_count         = optional(number, 3)
    availability_zones = optional(list(string))
    nat                = optional(string, "per_zone")
    endpoints          = optional(set(string), [])
    flow_logs          = optional(object({ retention_days = optional(number, 30) }), {})
    existing = optional(object({
      vpc_id              = string
      private_subnet_ids  = list(string)
      public_subnet_ids   = optional(list(string))
      database_subnet_ids = optional(list(string))
    }))
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for cidr in concat([var.network.cidr], tolist(var.network.secondary_cidrs)) : can(cidrhost(cidr, 0))])
    error_message = "network.cidr and network.secondary_cidrs must be IPv4 ranges such as 10.0.0.0/16."
  }

  validation {
    condition     = var.network.zone_count >= 2 && var.network.zone_count <= 6
    error_message = "network.zone_count must be 2 to 6."
  }

  validation {
    condition     = contains(["per_zone", "single", "none"], var.network.nat)
    error_message = "network.nat must be per_zone, single or none."
  }
}

# --- kubernetes ---

variable "kubernetes" {
  description = "The EKS cluster without its node pools. `endpoint.public_cidrs` is empty by default: the API is closed to the internet."
  type = object({
    version            = optional(string, "1.35")
    support            = optional(string, "standard")
    force_upgrade      = optional(bool, false)
    volumes            = optional(string, "keep")
    endpoint           = optional(object({ private = optional(bool, true), public_cidrs = optional(set(string), []) }), {})
    logs               = optional(set(string), ["api", "audit", "authenticator"])
    log_retention_days = optional(number, 30)
    addons             = optional(map(object({ version = optional(string), configuration = optional(string) })))
    access = optional(map(object({
      principal_arn     = string
      policy            = optional(string)
      namespaces        = optional(set(string), [])
      kubernetes_groups = optional(set(string))
    })), {})
    pod_identities = optional(map(object({
      namespace       = string
      service_account = string
      policy_arns     = optional(set(string), [])
      policy_json     = optional(string)
    })), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["standard", "extended"], var.kubernetes.support)
    error_message = "kubernetes.support must be standard or extended."
  }

  validation {
    condition     = contains(["keep", "delete"], var.kubernetes.volumes)
    error_message = "kubernetes.volumes must be keep or delete."
  }

  validation {
    condition     = alltrue([for log in var.kubernetes.logs : contains(["api", "audit", "authenticator", "controllerManager", "scheduler"], log)])
    error_message = "kubernetes.logs may hold api, audit, authenticator, controllerManager and scheduler."
  }
}

variable "api_nodes" {
  description = "Nodes for the frontend and the API services. `desired` counts at creation only: the autoscaler owns it afterwards. Null: no such pool."
  type = object({
    instance_types  = optional(list(string), ["m5.xlarge"])
    min             = optional(number, 3)
    desired         = optional(number, 5)
    max             = optional(number, 20)
    capacity        = optional(string, "on_demand")
    disk_gb         = optional(number, 100)
    image           = optional(string, "AL2023_x86_64_STANDARD")
    release         = optional(string)
    max_unavailable = optional(string, "33%")
    labels          = optional(map(string), {})
    taints          = optional(list(object({ key = string, value = optional(string), effect = string })), [])
  })
  default = {}

  validation {
    condition     = var.api_nodes == null ? true : contains(["on_demand", "spot"], var.api_nodes.capacity)
    error_message = "api_nodes.capacity must be on_demand or spot."
  }

  validation {
    condition     = var.api_nodes == null ? true : var.api_nodes.min <= var.api_nodes.desired && var.api_nodes.desired <= var.api_nodes.max
    error_message = "api_nodes: min ≤ desired ≤ max must hold."
  }

  validation {
    condition     = var.api_nodes == null ? true : alltrue([for taint in var.api_nodes.taints : contains(["NoSchedule", "NoExecute", "PreferNoSchedule"], taint.effect)])
    error_message = "The effect of a taint must be NoSchedule, NoExecute or PreferNoSchedule."
  }
}

variable "ai_nodes" {
  description = "GPU nodes (NVIDIA T4) for AI processing, labelled `node-type=gpu` and tainted `nvidia.com/gpu`, so that only pods that ask for a GPU run there. Null: no such pool."
  type = object({
    instance_types  = optional(list(string), ["g4dn.2xlarge"])
    min             = optional(number, 2)
    desired         = optional(number, 3)
    max             = optional(number, 10)
    capacity        = optional(string, "on_demand")
    disk_gb         = optional(number, 100)
    image           = optional(string, "AL2023_x86_64_NVIDIA")
    release         = optional(string)
    max_unavailable = optional(string, "33%")
    labels          = optional(map(string), { "node-type" = "gpu" })
    taints = optional(list(object({ key = string, value = optional(string), effect = string })), [
      { key = "nvidia.com/gpu", value = "true", effect = "NoSchedule" },
    ])
  })
  default = {}

  validation {
    condition     = var.ai_nodes == null ? true : contains(["on_demand", "spot"], var.ai_nodes.capacity)
    error_message = "ai_nodes.capacity must be on_demand or spot."
  }

  validation {
    condition     = var.ai_nodes == null ? true : var.ai_nodes.min <= var.ai_nodes.desired && var.ai_nodes.desired <= var.ai_nodes.max
    error_message = "ai_nodes: min ≤ desired ≤ max must hold."
  }

  validation {
    condition     = var.ai_nodes == null ? true : alltrue([for taint in var.ai_nodes.taints : contains(["NoSchedule", "NoExecute", "PreferNoSchedule"], taint.effect)])
    error_message = "The effect of a taint must be NoSchedule, NoExecute or PreferNoSchedule."
  }
}

variable "node_pools" {
  description = "Further node pools by name; the same fields as `api_nodes`. Without `image`: Amazon Linux 2023 for the first instance type."
  type = map(object({
    instance_types  = list(string)
    min             = number
    desired         = optional(number)
    max             = number
    capacity        = optional(string, "on_demand")
    disk_gb         = optional(number, 100)
    image           = optional(string)
    release         = optional(string)
    max_unavailable = optional(string, "33%")
    labels          = optional(map(string), {})
    taints          = optional(list(object({ key = string, value = optional(string), effect = string })), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for pool in values(var.node_pools) : contains(["on_demand", "spot"], pool.capacity)])
    error_message = "The capacity of a node pool must be on_demand or spot."
  }

  validation {
    condition     = alltrue(flatten([for pool in values(var.node_pools) : [for taint in pool.taints : contains(["NoSchedule", "NoExecute", "PreferNoSchedule"], taint.effect)]]))
    error_message = "The effect of a taint must be NoSchedule, NoExecute or PreferNoSchedule."
  }

  validation {
    condition     = length(setintersection(keys(var.node_pools), ["api", "ai"])) == 0
    error_message = "The pools \"api\" and \"ai\" are set by api_nodes and ai_nodes."
  }
}

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

# --- governance ---

variable "iam" {
  description = "Permissions boundary (ARN) and path of every role that is created."
  type = object({
    permissions_boundary = optional(string)
    path                 = optional(string)
  })
  default = null
}

variable "kms_key_arns" {
  description = "Own KMS keys by section (`kubernetes`, `database`, `cache`, `buckets`). Default: one key of the platform per section."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.kms_key_arns), ["kubernetes", "database", "cache", "buckets"])) == 0
    error_message = "kms_key_arns may hold kubernetes, database, cache and buckets."
  }
}

# --- life cycle ---

variable "deletion_protection" {
  description = "Refuses to destroy the platform while true. Set it to false and apply, then destroy."
  type        = bool
  default     = true
  nullable    = false
}

variable "allow_replace" {
  description = "Data objects that one apply may replace or delete, as the refusal prints them (`database/primary@db-ABC…`)."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "adopt" {
  description = "Continues an unfinished create that began elsewhere."
  type        = bool
  default     = false
  nullable    = false
}

variable "timeouts" {
  description = "Limits of one create, update or delete, such as `90m`."
  type = object({
    create = optional(string, "90m")
    update = optional(string, "120m")
    delete = optional(string, "90m")
  })
  default = null
}

variable "preflight" {
  description = "`on` or `off`: whether a plan looks for names that are taken, quotas, offerings, versions and overlapping networks before it creates something."
  type        = string
  default     = "on"
  nullable    = false

  validation {
    condition     = contains(["on", "off"], var.preflight)
    error_message = "preflight must be on or off."
  }
}

variable "cost_estimate" {
  description = "`on` or `off`: whether the cost per month is estimated from AWS's price list."
  type        = string
  default     = "on"
  nullable    = false

  validation {
    condition     = contains(["on", "off"], var.cost_estimate)
    error_message = "cost_estimate must be on or off."
  }
}
