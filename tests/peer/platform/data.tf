resource "aws_db_subnet_group" "this" {
  count = var.databases ? 1 : 0

  name       = var.name
  subnet_ids = local.database
}

resource "aws_db_parameter_group" "this" {
  count = var.databases ? 1 : 0

  name   = var.name
  family = "postgres17"

  parameter {
    name         = "max_connections"
    value        = "200"
    apply_method = "pending-reboot"
  }

  parameter {
    name  = "work_mem"
    value = "65536"
  }
}

resource "aws_db_instance" "primary" {
  count = var.databases ? 1 : 0

  identifier                      = var.name
  engine                          = "postgres"
  engine_version                  = "17"
  instance_class                  = "db.r6g.2xlarge"
  allocated_storage               = var.database_gb
  max_allocated_storage           = 2000
  storage_type                    = "gp3"
  storage_encrypted               = true
  kms_key_id                      = aws_kms_key.this["database"].arn
  username                        = "peer"
  manage_master_user_password     = true
  multi_az                        = true
  db_subnet_group_name            = aws_db_subnet_group.this[0].name
  parameter_group_name            = aws_db_parameter_group.this[0].name
  vpc_security_group_ids          = [aws_security_group.data[0].id]
  backup_retention_period         = 7
  backup_window                   = "03:00-04:00"
  maintenance_window              = "sun:04:00-sun:05:00"
  monitoring_interval             = 60
  monitoring_role_arn             = aws_iam_role.this["monitoring"].arn
  performance_insights_enabled    = true
  enabled_cloudwatch_logs_exports = ["postgresql"]
  apply_immediately               = true
  copy_tags_to_snapshot           = true
  skip_final_snapshot             = true
  depends_on                      = [aws_iam_role_policy_attachment.this]
}

resource "aws_db_instance" "replica" {
  count = var.databases ? 1 : 0

  identifier          = "${var.name}-replica"
  replicate_source_db = aws_db_instance.primary[0].identifier
  instance_class      = "db.r6g.2xlarge"
  storage_encrypted   = true
  kms_key_id          = aws_kms_key.this["database"].arn
  apply_immediately   = true
  skip_final_snapshot = true
}

resource "aws_elasticache_subnet_group" "this" {
  count = var.databases ? 1 : 0

  name       = var.name
  subnet_ids = local.database
}

resource "aws_elasticache_parameter_group" "this" {
  count = var.databases ? 1 : 0

  name   = var.name
  family = "redis7"

  parameter {
    name  = "maxmemory-policy"
    value = "allkeys-lru"
  }
}

resource "aws_elasticache_replication_group" "this" {
  count = var.databases ? 1 : 0

  replication_group_id       = var.name
  description                = var.name
  engine                     = "redis"
  engine_version             = "7.1"
  node_type                  = "cache.r6g.xlarge"
  num_cache_clusters         = 3
  automatic_failover_enabled = true
  multi_az_enabled           = true
  at_rest_encryption_enabled = true
  transit_encryption_enabled = true
  kms_key_id                 = aws_kms_key.this["cache"].arn
  parameter_group_name       = aws_elasticache_parameter_group.this[0].name
  subnet_group_name          = aws_elasticache_subnet_group.this[0].name
  security_group_ids         = [aws_security_group.data[0].id]
  snapshot_retention_limit   = 7
  snapshot_window            = "05:00-06:00"
  maintenance_window         = "sun:07:00-sun:08:00"
  apply_immediately          = true
}
