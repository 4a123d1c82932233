"""How fast `convert` is, beside its floor and its peers: `python -m benchmarks`."""
