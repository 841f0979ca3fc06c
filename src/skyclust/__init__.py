"""SkyClust: clusters and the networks under them, on every cloud, from one place."""
