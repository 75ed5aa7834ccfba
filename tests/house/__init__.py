"""House rules: imports, sizes, weight."""
