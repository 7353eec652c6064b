"""Runs on other computers over SSH: one file is put there, run, its answer fetched, and everything removed again."""
