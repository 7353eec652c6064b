"""Faults that are not named right yet, and why. Such a test fails as soon as one is: take its line out then."""

from __future__ import annotations

MISSED = {
    "dns-tcp-blocked": "the addresses that came by UDP are tried, though the system's own look-up fails",
    "windows-script-unreachable": "that the script cannot be fetched is not seen; the service has no proxy",
}
