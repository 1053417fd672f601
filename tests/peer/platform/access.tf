locals {
  roles = {
    "eks"            = ["AmazonEKSClusterPolicy"]
    "ec2"            = ["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly"]
    "monitoring.rds" = ["service-role/AmazonRDSEnhancedMonitoringRole"]
    "pods.eks"       = []
    "vpc-flow-logs"  = []
  }
  attachments = merge([for service, policies in local.roles : { for policy in policies : "${service} ${policy}" => {
    service = service
    policy  = policy
  } }]...)
}

resource "aws_iam_role" "this" {
  for_each = local.roles

  name = "${var.name}-${replace(each.key, ".", "-")}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "${each.key}.amazonaws.com" }
      Action    = each.key == "pods.eks" ? ["sts:AssumeRole", "sts:TagSession"] : ["sts:AssumeRole"]
    }]
  })
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = local.attachments

  role       = aws_iam_role.this[each.value.service].name
  policy_arn = "arn:aws:iam::aws:policy/${each.value.policy}"
}

resource "aws_iam_role_policy" "flow" {
  name = "write"
  role = aws_iam_role.this["vpc-flow-logs"].name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = "*" }]
  })
}

resource "aws_kms_key" "this" {
  description             = var.name
  enable_key_rotation     = true
  deletion_window_in_days = 7
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this.id
}

resource "aws_secretsmanager_secret" "cache" {
  name                    = "${var.name}-cache"
  kms_key_id              = aws_kms_key.this.arn
  recovery_window_in_days = 7
}

resource "aws_secretsmanager_secret_version" "cache" {
  secret_id     = aws_secretsmanager_secret.cache.id
  secret_string = "none of your business"
}
