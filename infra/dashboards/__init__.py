"""Dashboards as code: defined once, written for CloudWatch and for Grafana."""
