"""The support bundle: one zip file with a manifest, written whole, proven free of original names, read with suspicion."""
