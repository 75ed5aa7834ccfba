"""Postmortems: one place that tells what a chain says of an incident, and thin renderings of it."""
