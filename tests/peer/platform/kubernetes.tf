locals {
  pools = {
    api = { type = "m5.xlarge", desired = 3 }
    ai  = { type = "g4dn.2xlarge", desired = var.ai_nodes }
  }
}

resource "aws_cloudwatch_log_group" "control_plane" {
  name              = "/aws/eks/${var.name}/cluster"
  retention_in_days = 30
}

resource "aws_eks_cluster" "this" {
  name                      = var.name
  version                   = "1.34"
  role_arn                  = aws_iam_role.this["cluster"].arn
  enabled_cluster_log_types = ["api", "audit"]

  vpc_config {
    subnet_ids              = local.private
    endpoint_private_access = true
    endpoint_public_access  = true
  }

  encryption_config {
    resources = ["secrets"]
    provider {
      key_arn = aws_kms_key.this["kubernetes"].arn
    }
  }

  depends_on = [aws_iam_role_policy_attachment.this, aws_cloudwatch_log_group.control_plane]
}

resource "aws_eks_addon" "early" {
  for_each = toset(["vpc-cni", "kube-proxy", "eks-pod-identity-agent"])

  cluster_name = aws_eks_cluster.this.name
  addon_name   = each.key
}

resource "aws_eks_addon" "late" {
  for_each = toset(["coredns", "aws-ebs-csi-driver"])

  cluster_name = aws_eks_cluster.this.name
  addon_name   = each.key
  depends_on   = [aws_eks_node_group.this]
}

resource "aws_eks_pod_identity_association" "this" {
  for_each = {
    app     = { namespace = "app", account = "api" }
    storage = { namespace = "kube-system", account = "ebs-csi-controller-sa" }
  }

  cluster_name    = aws_eks_cluster.this.name
  namespace       = each.value.namespace
  service_account = each.value.account
  role_arn        = aws_iam_role.this[each.key].arn
}

resource "aws_launch_template" "nodes" {
  for_each = local.pools

  name                   = "${var.name}-${each.key}"
  update_default_version = true

  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      volume_size = 100
      volume_type = "gp3"
      encrypted   = true
    }
  }

  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
}

resource "aws_eks_node_group" "this" {
  for_each = local.pools

  cluster_name    = aws_eks_cluster.this.name
  node_group_name = each.key
  node_role_arn   = aws_iam_role.this["nodes"].arn
  subnet_ids      = local.private
  instance_types  = [each.value.type]
  labels          = { pool = each.key }

  scaling_config {
    min_size     = 1
    desired_size = each.value.desired
    max_size     = 20
  }

  update_config {
    max_unavailable_percentage = 33
  }

  launch_template {
    id      = aws_launch_template.nodes[each.key].id
    version = aws_launch_template.nodes[each.key].default_version
  }

  depends_on = [aws_eks_addon.early, aws_iam_role_policy_attachment.this]
}
