"""Networks over all clouds: VPCs, subnets and firewalls, made alone or with a cluster, deleted without surprises."""
