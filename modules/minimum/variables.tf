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
