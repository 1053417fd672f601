variable "name" {
  description = "Name of the platform."
  type        = string
  default     = "stellar-demo"
}

variable "region" {
  description = "AWS region."
  type        = string
  default     = "us-east-1"
}

variable "endpoint_url" {
  description = "Where to reach AWS instead of its own endpoints, for instance a lab. Null: AWS, or AWS_ENDPOINT_URL."
  type        = string
  default     = null
}

variable "api_origin" {
  description = "Host behind /api/* of the CDN."
  type        = string
  default     = "api.stellar.ai"
}

variable "database_gb" {
  description = "Size of the database's volume. It can only grow."
  type        = number
  default     = 500
}

variable "node_pools" {
  description = "Node pools besides api and ai."
  type = map(object({
    instance_types = list(string)
    min            = number
    desired        = optional(number)
    max            = number
  }))
  default = {}
}

variable "disposable" {
  description = "True for a platform that is to be thrown away: no deletion protection, no final snapshot, buckets are emptied."
  type        = bool
  default     = false
}
