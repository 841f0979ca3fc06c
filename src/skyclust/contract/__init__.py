"""What a cloud must do, in words no cloud owns. Imported by providers and by the server; imports neither.

errors.py    what can go wrong, and what that means for the next attempt
resources.py the graph: nodes, references, ownership marks, what was observed
specs.py     what a user asks for: clusters, networks, node pools
provider.py  the protocols `Provider`, `Driver` and `Session`
conformance/ the suite every provider passes
"""
