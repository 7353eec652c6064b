"""Widgets of our own: each draws one thing and knows no run."""
