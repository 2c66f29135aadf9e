"""Paired measurements of a box and its peers."""
