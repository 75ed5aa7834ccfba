"""House rules for every entry: policies, playbooks, actions, probes, detectors."""
