"""The HTTP side of operations, and the stream of everything that happens. The engine's side is `provisioning`."""
