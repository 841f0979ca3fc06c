"""Kubernetes clusters over all clouds: create, change, delete, reach. One request for every route and cloud."""
