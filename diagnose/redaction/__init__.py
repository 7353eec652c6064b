"""Pseudonyms for whatever says who and where the customer is: found by anchors, verified locally, replaced in place."""
