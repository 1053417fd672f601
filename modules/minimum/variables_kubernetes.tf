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
    instance_types     = optional(list(string), ["m5.xlarge"])
    min                = optional(number, 3)
    desired            = optional(number, 5)
    max                = optional(number, 20)
    capacity           = optional(string, "on_demand")
    disk_gb            = optional(number, 100)
    image              = optional(string, "AL2023_x86_64_STANDARD")
    release            = optional(string)
    max_unavailable    = optional(string, "33%")
    availability_zones = optional(set(string))
    labels             = optional(map(string), {})
    taints             = optional(list(object({ key = string, value = optional(string), effect = string })), [])
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
    instance_types     = optional(list(string), ["g4dn.2xlarge"])
    min                = optional(number, 2)
    desired            = optional(number, 3)
    max                = optional(number, 10)
    capacity           = optional(string, "on_demand")
    disk_gb            = optional(number, 100)
    image              = optional(string, "AL2023_x86_64_NVIDIA")
    release            = optional(string)
    max_unavailable    = optional(string, "33%")
    availability_zones = optional(set(string))
    labels             = optional(map(string), { "node-type" = "gpu" })
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
    instance_types     = list(string)
    min                = number
    desired            = optional(number)
    max                = number
    capacity           = optional(string, "on_demand")
    disk_gb            = optional(number, 100)
    image              = optional(string)
    release            = optional(string)
    max_unavailable    = optional(string, "33%")
    availability_zones = optional(set(string))
    labels             = optional(map(string), {})
    taints             = optional(list(object({ key = string, value = optional(string), effect = string })), [])
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
