"""Real processes, killed and stopped at seeded moments behind a proxy that breaks calls. Called by `soak.kill`."""
