"""Benchmarks, run by hand: `./do bench`. Never part of the tests: a shared machine's times prove nothing."""
