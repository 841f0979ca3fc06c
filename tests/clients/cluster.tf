# What a team would write to stand a cluster up; test_terraform.py applies it to the simulated AWS.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region = "eu-west-1"
}

data "aws_availability_zones" "all" { state = "available" }
data "aws_eks_cluster_versions" "all" {}

variable "desired" { default = 2 }
variable "kubernetes" { default = "1.33" }

resource "aws_vpc" "main" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = "main" }
}

resource "aws_subnet" "main" {
  count                   = 2
  vpc_id                  = aws_vpc.main.id
  cidr_block              = cidrsubnet(aws_vpc.main.cidr_block, 8, count.index)
  availability_zone       = data.aws_availability_zones.all.names[count.index]
  map_public_ip_on_launch = count.index == 0
  tags                    = { Name = "main-${count.index}" }
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_eip" "nat" {
  domain     = "vpc"
  depends_on = [aws_internet_gateway.main]
}

resource "aws_nat_gateway" "main" {
  allocation_id = aws_eip.nat.id
  subnet_id     = aws_subnet.main[0].id
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route" "out" {
  route_table_id         = aws_route_table.private.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.main.id
}

resource "aws_route_table_association" "main" {
  count          = 2
  subnet_id      = aws_subnet.main[count.index].id
  route_table_id = count.index == 0 ? aws_route_table.public.id : aws_route_table.private.id
}

resource "aws_security_group" "web" {
  name   = "web"
  vpc_id = aws_vpc.main.id
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "nodes" {
  name_prefix = "nodes-"
  vpc_id      = aws_vpc.main.id
}

resource "aws_vpc_security_group_ingress_rule" "from_web" {
  security_group_id            = aws_security_group.nodes.id
  referenced_security_group_id = aws_security_group.web.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
  tags                         = { Name = "from web" }
}

resource "aws_vpc_security_group_egress_rule" "all" {
  security_group_id = aws_security_group.nodes.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

data "aws_eks_cluster_auth" "main" { name = aws_eks_cluster.main.name }
data "aws_eks_addon_version" "cni" {
  addon_name         = "vpc-cni"
  kubernetes_version = aws_eks_cluster.main.version
}
data "aws_ec2_instance_type_offerings" "all" {
  location_type = "availability-zone"
  filter {
    name   = "instance-type"
    values = ["t3.large"]
  }
}
data "aws_ec2_instance_type" "one" { instance_type = "t3.large" }
locals {
  roles = {
    cluster = ["eks.amazonaws.com", ["AmazonEKSClusterPolicy"]]
    node    = ["ec2.amazonaws.com", ["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly"]]
  }
}

resource "aws_iam_role" "eks" {
  for_each = local.roles
  name     = "main-${each.key}"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = each.value[0] } }]
  })
}

resource "aws_iam_role_policy_attachment" "eks" {
  for_each   = merge([for role, spec in local.roles : { for policy in spec[1] : "${role}-${policy}" => [role, policy] }]...)
  role       = aws_iam_role.eks[each.value[0]].name
  policy_arn = "arn:aws:iam::aws:policy/${each.value[1]}"
}

resource "aws_eks_cluster" "main" {
  name     = "main"
  role_arn = aws_iam_role.eks["cluster"].arn
  version  = var.kubernetes
  access_config {
    authentication_mode                         = "API"
    bootstrap_cluster_creator_admin_permissions = true
  }
  vpc_config {
    subnet_ids = aws_subnet.main[*].id
  }
  tags       = { Name = "main" }
  depends_on = [aws_iam_role_policy_attachment.eks]
}

resource "aws_eks_node_group" "main" {
  cluster_name    = aws_eks_cluster.main.name
  node_group_name = "pool"
  node_role_arn   = aws_iam_role.eks["node"].arn
  subnet_ids      = aws_subnet.main[*].id
  instance_types  = ["t3.large"]
  labels          = { pool = "main" }
  scaling_config {
    min_size     = 1
    max_size     = 4
    desired_size = var.desired
  }
  update_config {
    max_unavailable = 1
  }
  taint {
    key    = "only"
    value  = "these"
    effect = "NO_SCHEDULE"
  }
  depends_on = [aws_iam_role_policy_attachment.eks]
}

resource "aws_eks_addon" "cni" {
  cluster_name = aws_eks_cluster.main.name
  addon_name   = "vpc-cni"
}

resource "aws_eks_access_entry" "node" {
  cluster_name  = aws_eks_cluster.main.name
  principal_arn = aws_iam_role.eks["node"].arn
}

resource "aws_eks_access_policy_association" "node" {
  cluster_name  = aws_eks_cluster.main.name
  principal_arn = aws_eks_access_entry.node.principal_arn
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
  access_scope {
    type = "cluster"
  }
}

resource "aws_eks_pod_identity_association" "app" {
  cluster_name    = aws_eks_cluster.main.name
  namespace       = "shop"
  service_account = "app"
  role_arn        = aws_iam_role.eks["node"].arn
}

output "endpoint" { value = aws_eks_cluster.main.endpoint }
output "versions" { value = data.aws_eks_cluster_versions.all.cluster_versions[*].cluster_version }
output "offered" { value = data.aws_eks_addon_version.cni.version }
