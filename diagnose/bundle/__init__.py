"""The support bundle: one zip with a manifest, written whole, proven free of original names, read with suspicion."""
