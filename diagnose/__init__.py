"""Finds out why an endpoint-security agent does not update, upgrade or connect."""

__version__ = "0.1.0"
