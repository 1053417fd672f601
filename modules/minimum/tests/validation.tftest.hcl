# What a closed set does not hold is refused by the variable's own validation.

provider "stellar" {
  region = "us-east-1"
}

variables {
  name = "profile"
}

run "a_name_has_no_upper_case" {
  command = plan

  variables {
    name = "Stellar"
  }

  expect_failures = [var.name]
}

run "a_name_has_at_most_28_letters" {
  command = plan

  variables {
    name = "a-name-that-is-longer-than-28"
  }

  expect_failures = [var.name]
}

run "a_cidr_is_a_range" {
  command = plan

  variables {
    network = { cidr = "10.0.0.0" }
  }

  expect_failures = [var.network]
}

run "nat_is_one_of_three" {
  command = plan

  variables {
    network = { nat = "one" }
  }

  expect_failures = [var.network]
}

run "zones_are_two_to_six" {
  command = plan

  variables {
    network = { zone_count = 1 }
  }

  expect_failures = [var.network]
}

run "support_is_one_of_two" {
  command = plan

  variables {
    kubernetes = { support = "long" }
  }

  expect_failures = [var.kubernetes]
}

run "logs_are_those_of_the_control_plane" {
  command = plan

  variables {
    kubernetes = { logs = ["kubelet"] }
  }

  expect_failures = [var.kubernetes]
}

run "volumes_are_kept_or_deleted" {
  command = plan

  variables {
    kubernetes = { volumes = "snapshot" }
  }

  expect_failures = [var.kubernetes]
}

run "capacity_is_one_of_two" {
  command = plan

  variables {
    api_nodes = { capacity = "reserved" }
  }

  expect_failures = [var.api_nodes]
}

run "sizes_are_in_order" {
  command = plan

  variables {
    ai_nodes = { min = 5 }
  }

  expect_failures = [var.ai_nodes]
}

run "taints_have_an_effect" {
  command = plan

  variables {
    node_pools = { web = { instance_types = ["m5.large"], min = 1, max = 2, taints = [{ key = "a", effect = "Sometimes" }] } }
  }

  expect_failures = [var.node_pools]
}

run "pools_of_the_profile_have_their_own_variables" {
  command = plan

  variables {
    node_pools = { api = { instance_types = ["m5.large"], min = 1, max = 2 } }
  }

  expect_failures = [var.node_pools]
}

run "the_engine_is_postgresql" {
  command = plan

  variables {
    database = { engine = "mysql" }
  }

  expect_failures = [var.database]
}

run "storage_types_are_those_of_rds" {
  command = plan

  variables {
    database = { storage = { gb = 500, type = "st1" } }
  }

  expect_failures = [var.database]
}

run "monitoring_has_its_intervals" {
  command = plan

  variables {
    database = { monitoring = { interval_seconds = 20 } }
  }

  expect_failures = [var.database]
}

run "changes_are_made_now_or_in_the_window" {
  command = plan

  variables {
    database = { apply = "tonight" }
  }

  expect_failures = [var.database]
}

run "the_cache_is_valkey_or_redis" {
  command = plan

  variables {
    cache = { engine = "memcached" }
  }

  expect_failures = [var.cache]
}

run "storage_classes_are_those_of_s3" {
  command = plan

  variables {
    buckets = { images = { lifecycle = [{ transitions = [{ days = 30, storage_class = "COLD" }] }] }, reports = {} }
  }

  expect_failures = [var.buckets]
}

run "the_cdn_needs_its_buckets" {
  command = plan

  variables {
    buckets = { images = {} }
  }

  expect_failures = [var.buckets]
}

run "price_classes_are_those_of_cloudfront" {
  command = plan

  variables {
    cdn = { price_class = "300" }
  }

  expect_failures = [var.cdn]
}

run "preflight_is_on_or_off" {
  command = plan

  variables {
    preflight = "maybe"
  }

  expect_failures = [var.preflight]
}

run "the_estimate_is_on_or_off" {
  command = plan

  variables {
    cost_estimate = "maybe"
  }

  expect_failures = [var.cost_estimate]
}

run "keys_are_given_by_section" {
  command = plan

  variables {
    kms_key_arns = { network = "arn:aws:kms:us-east-1:123456789012:key/1" }
  }

  expect_failures = [var.kms_key_arns]
}
