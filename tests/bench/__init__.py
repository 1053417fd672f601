"""`make bench`: time, memory and calls against their budgets, beside HashiCorp's AWS provider where it is at hand."""
