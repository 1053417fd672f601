terraform {
  required_version = ">= 1.5"

  required_providers {
    stellar = {
      source  = "stellar/stellar"
      version = ">= 0.1.0"
    }
  }
}
