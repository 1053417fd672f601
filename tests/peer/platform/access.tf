locals {
  nodes = ["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryPullOnly", "AmazonSSMManagedInstanceCore"]
  roles = merge({
    cluster = { service = "eks", policies = ["AmazonEKSClusterPolicy"] }
    nodes   = { service = "ec2", policies = local.nodes }
    storage = { service = "pods.eks", policies = ["service-role/AmazonEBSCSIDriverPolicy"] }
    app     = { service = "pods.eks", policies = [] }
    flow    = { service = "vpc-flow-logs", policies = [] }
    }, var.databases || var.extras ? {
    monitoring = { service = "monitoring.rds", policies = ["service-role/AmazonRDSEnhancedMonitoringRole"] }
  } : {})

  attachments = merge([for name, role in local.roles : { for policy in role.policies : "${name} ${policy}" => {
    role   = name
    policy = policy
  } }]...)
}

resource "aws_iam_role" "this" {
  for_each = local.roles

  name = "${var.name}-${each.key}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "${each.value.service}.amazonaws.com" }
      Action    = each.value.service == "pods.eks" ? ["sts:AssumeRole", "sts:TagSession"] : ["sts:AssumeRole"]
    }]
  })
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = local.attachments

  role       = aws_iam_role.this[each.value.role].name
  policy_arn = "arn:aws:iam::aws:policy/${each.value.policy}"
}

resource "aws_iam_role_policy" "flow" {
  name = "write"
  role = aws_iam_role.this["flow"].name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = "*" }]
  })
}

resource "aws_kms_key" "this" {
  for_each = toset(concat(["kubernetes", "buckets"], var.databases ? ["database", "cache"] : []))

  description             = "${var.name} ${each.key}"
  enable_key_rotation     = true
  deletion_window_in_days = 7
}

resource "aws_kms_alias" "this" {
  for_each = aws_kms_key.this

  name          = "alias/${var.name}/${each.key}"
  target_key_id = each.value.id
}
