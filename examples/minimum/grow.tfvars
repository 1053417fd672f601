# A change in place: a larger database volume and a third node pool.
#   terraform apply -var-file=grow.tfvars

database_gb = 600

node_pools = {
  batch = { instance_types = ["m5.large"], min = 0, desired = 1, max = 6 }
}
