"""The outside judge of the lab: HashiCorp's AWS provider builds the minimum platform on it."""
