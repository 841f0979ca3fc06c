"""What docs/performance.md claims, measured again: `python -m benchmarks [name ...]`. The product needs none of it."""
