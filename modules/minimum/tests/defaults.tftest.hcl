# The defaults are the profile's numbers. Nothing is created: plans alone, against whatever account is configured.

provider "stellar" {
  region = "us-east-1"
}

variables {
  name = "profile"
}

run "the_defaults_are_the_profile" {
  command = plan

  assert {
    condition     = stellar_cluster.this.network.cidr == "10.0.0.0/16" && stellar_cluster.this.network.zone_count == 3 && stellar_cluster.this.network.nat == "per_zone"
    error_message = "The network is 10.0.0.0/16 in three zones with a NAT gateway each."
  }

  assert {
    condition     = { for name, pool in stellar_cluster.this.kubernetes.node_pools : name => [pool.min, pool.desired, pool.max] } == { api = [3, 5, 20], ai = [2, 3, 10] }
    error_message = "Pools have the sizes 3/5/20 and 2/3/10."
  }

  assert {
    condition     = stellar_cluster.this.kubernetes.node_pools["ai"].labels["node-type"] == "gpu" && one(stellar_cluster.this.kubernetes.node_pools["ai"].taints).key == "nvidia.com/gpu"
    error_message = "GPU nodes are labelled and tainted."
  }

  assert {
    condition     = length(stellar_cluster.this.kubernetes.endpoint.public_cidrs) == 0
    error_message = "The API is closed to the internet."
  }

  assert {
    condition     = stellar_cluster.this.database.storage.gb == 500 && stellar_cluster.this.database.storage.max_gb == 2000 && stellar_cluster.this.database.replicas.count == 2 && stellar_cluster.this.database.multi_az
    error_message = "The database has 500 GB growing to 2000, a standby and two replicas."
  }

  assert {
    condition     = stellar_cluster.this.database.backup.retention_days == 30 && stellar_cluster.this.database.backup.window == "03:00-04:00" && stellar_cluster.this.database.maintenance_window == "sun:04:00-sun:05:00"
    error_message = "Backups are kept for 30 days; the windows are the profile's."
  }

  assert {
    condition     = stellar_cluster.this.database.parameters["max_connections"] == "200" && stellar_cluster.this.database.parameters["shared_buffers"] == "1048576"
    error_message = "The parameters are the profile's, in the units of RDS."
  }

  assert {
    condition     = stellar_cluster.this.database.name == "stellar_production" && stellar_cluster.this.database.username == "stellar_admin" && stellar_cluster.this.database.monitoring.interval_seconds == 60
    error_message = "Database, user and monitoring are the profile's."
  }

  assert {
    condition     = stellar_cluster.this.cache.shards * (1 + stellar_cluster.this.cache.replicas) == 3 && stellar_cluster.this.cache.snapshot.retention_days == 7
    error_message = "The cache has three nodes and snapshots for 7 days."
  }

  assert {
    condition     = toset(keys(stellar_cluster.this.buckets)) == toset(["images", "reports"]) && alltrue([for bucket in stellar_cluster.this.buckets : bucket.versioning])
    error_message = "Two buckets, both versioned."
  }

  assert {
    condition     = [for behavior in stellar_cluster.this.cdn.behaviors : behavior.path] == ["/images/*", "/api/*", "/reports/*"]
    error_message = "The CDN has the profile's three paths."
  }

  assert {
    condition     = stellar_cluster.this.cdn.default_origin.ttl.default == 3600 && stellar_cluster.this.cdn.behaviors[0].ttl.default == 86400 && stellar_cluster.this.cdn.behaviors[2].ttl.default == 3600 && stellar_cluster.this.cdn.behaviors[1].cache == false
    error_message = "Images are kept for a day, reports and everything else for an hour, the API not at all."
  }

  assert {
    condition     = stellar_cluster.this.deletion_protection && stellar_cluster.this.on_create_error == "keep"
    error_message = "A platform is protected, and a failed create is kept."
  }
}

run "parts_can_be_left_out" {
  command = plan

  variables {
    ai_nodes = null
    database = null
    cache    = null
    cdn      = null
  }

  assert {
    condition     = stellar_cluster.this.database == null && stellar_cluster.this.cache == null && stellar_cluster.this.cdn == null
    error_message = "A part that is null is not created."
  }

  assert {
    condition     = one(keys(stellar_cluster.this.kubernetes.node_pools)) == "api"
    error_message = "Without ai_nodes there is no pool for GPUs."
  }
}

run "zones_are_named_instead_of_counted" {
  command = plan

  variables {
    network = { availability_zones = ["us-east-1a", "us-east-1b"] }
  }

  assert {
    condition     = stellar_cluster.this.network.zone_count == null && length(stellar_cluster.this.network.availability_zones) == 2
    error_message = "Named zones take the place of zone_count."
  }
}

run "a_number_of_ones_own_leaves_the_others" {
  command = plan

  variables {
    api_nodes = { max = 40 }
    database  = { storage = { gb = 800, max_gb = 4000 } }
    cdn       = { api_origin = "api.example.com", behaviors = [{ path = "/app/*", origin = "app.example.com" }] }
  }

  assert {
    condition     = stellar_cluster.this.kubernetes.node_pools["api"].max == 40 && stellar_cluster.this.kubernetes.node_pools["api"].desired == 5
    error_message = "Only max is changed."
  }

  assert {
    condition     = stellar_cluster.this.database.storage.gb == 800 && stellar_cluster.this.database.replicas.count == 2
    error_message = "Only the storage is changed."
  }

  assert {
    condition     = [for behavior in stellar_cluster.this.cdn.behaviors : behavior.path] == ["/app/*", "/images/*", "/api/*", "/reports/*"] && stellar_cluster.this.cdn.behaviors[2].origin == "api.example.com"
    error_message = "Own behaviours come first."
  }
}
