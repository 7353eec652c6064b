"""Stands in for the build backend of that name while pip fetches a source archive; see `build_meta`."""
