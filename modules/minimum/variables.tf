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
  description = "The VPC: range, zones (`availability_zones` or how many), NAT (`per_zone`, `single` or `none`), interface endpoints, flow logs (kept 30 days; null: none)."
  type = object({
    cidr               = optional(string, "10.0.0.0/16")
    zone_count         = optional(number, 3)
    availability_zones = optional(list(string))
    nat                = optional(string, "per_zone")
    endpoints          = optional(set(string), [])
    flow_logs          = optional(object({ retention_days = optional(number, 30) }), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = can(cidrhost(var.network.cidr, 0))
    error_message = "network.cidr must be an IPv4 range such as 10.0.0.0/16."
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
    endpoint           = optional(object({ private = optional(bool, true), public_cidrs = optional(set(string), []) }), {})
    logs               = optional(set(string), ["api", "audit", "authenticator"])
    log_retention_days = optional(number, 30)
    addons             = optional(map(object({ version = optional(string), configuration = optional(string) })))
    access = optional(map(object({
      principal_arn = string
      policy        = string
      namespaces    = optional(set(string), [])
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
}

variable "node_pools" {
  description = "Further node pools by name; the same fields as `api_nodes`."
  type = map(object({
    instance_types  = list(string)
    min             = number
    desired         = optional(number)
    max             = number
    capacity        = optional(string, "on_demand")
    disk_gb         = optional(number, 100)
    image           = optional(string, "AL2023_x86_64_STANDARD")
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
    condition     = length(setintersection(keys(var.node_pools), ["api", "ai"])) == 0
    error_message = "The pools \"api\" and \"ai\" are set by api_nodes and ai_nodes."
  }
}

# --- database ---

variable "database" {
  description = "PostgreSQL on RDS: one primary in two zones and two read replicas. The password is generated into Secrets Manager and never in the state. Memory parameters are in the units of RDS (8 kB pages, kB) and fit 32 GB. Null: no database."
  type = object({
    engine         = optional(string, "postgres")
    version        = optional(string, "17")
    instance_class = optional(string, "db.m7g.2xlarge")
    storage = optional(object({
      gb     = optional(number, 500)
      max_gb = optional(number, 2000)
      type   = optional(string, "gp3")
    }), {})
    replicas = optional(object({
      count          = optional(number, 2)
      instance_class = optional(string)
    }), {})
    multi_az = optional(bool, true)
    access = optional(object({
      security_group_ids = optional(set(string), [])
      cidrs              = optional(set(string), [])
    }), {})
    name     = optional(string, "stellar_production")
    username = optional(string, "stellar_admin")
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
    backup = optional(object({
      retention_days = optional(number, 30)
      window         = optional(string, "03:00-04:00")
      final_snapshot = optional(bool, true)
    }), {})
    maintenance_window = optional(string, "sun:04:00-sun:05:00")
    monitoring = optional(object({
      interval_seconds        = optional(number, 60)
      insights_retention_days = optional(number, 7)
    }), {})
    apply = optional(string, "immediately")
  })
  default = {}

  validation {
    condition     = var.database == null ? true : contains(["postgres", "aurora-postgresql"], var.database.engine)
    error_message = "database.engine must be postgres or aurora-postgresql."
  }

  validation {
    condition     = var.database == null ? true : contains(["immediately", "maintenance_window"], var.database.apply)
    error_message = "database.apply must be immediately or maintenance_window."
  }

  validation {
    condition     = var.database == null ? true : contains([0, 1, 5, 10, 15, 30, 60], var.database.monitoring.interval_seconds)
    error_message = "database.monitoring.interval_seconds must be 0, 1, 5, 10, 15, 30 or 60."
  }
}

# --- cache ---

variable "cache" {
  description = "Valkey on ElastiCache: one shard with two replicas, three nodes in all. TLS, encryption at rest and failover are always on. Null: no cache."
  type = object({
    engine     = optional(string, "valkey")
    version    = optional(string, "8.0")
    node_type  = optional(string, "cache.r6g.xlarge")
    shards     = optional(number, 1)
    replicas   = optional(number, 2)
    parameters = optional(map(string), {})
    access = optional(object({
      security_group_ids = optional(set(string), [])
      cidrs              = optional(set(string), [])
    }), {})
    snapshot = optional(object({
      retention_days = optional(number, 7)
      window         = optional(string, "01:00-02:00")
    }), {})
  })
  default = {}

  validation {
    condition     = var.cache == null ? true : contains(["valkey", "redis"], var.cache.engine)
    error_message = "cache.engine must be valkey or redis."
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
}

variable "cdn" {
  description = "CloudFront with `/images/*` and `/reports/*` from the buckets and `/api/*` uncached from the host `api_origin`. TTLs are in seconds. Null: no CDN."
  type = object({
    api_origin      = optional(string, "api.stellar.ai")
    images_ttl      = optional(object({ min = number, default = number, max = number }), { min = 0, default = 86400, max = 31536000 })
    reports_ttl     = optional(object({ min = number, default = number, max = number }), { min = 0, default = 3600, max = 86400 })
    aliases         = optional(list(string), [])
    certificate_arn = optional(string)
    price_class     = optional(string, "100")
    waf_arn         = optional(string)
  })
  default = {}

  validation {
    condition     = var.cdn == null ? true : contains(["100", "200", "All"], var.cdn.price_class)
    error_message = "cdn.price_class must be 100, 200 or All."
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
