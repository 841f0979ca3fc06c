"""The only wiring: API, worker, `skyclust up`, the command line, the demo. Sees everything, is imported by nothing."""
