"""Benchmarks, run by hand: `make bench`. Never part of the tests: a shared machine's times prove nothing."""
