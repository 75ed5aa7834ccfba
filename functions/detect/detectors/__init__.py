"""The detectors, one module for each source of events."""
