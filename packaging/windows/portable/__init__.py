"""Builds the portable program for Windows. Imported by `build.py` beside this folder, which is no package itself."""
