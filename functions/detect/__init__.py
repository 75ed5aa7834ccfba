"""detect: an event becomes a Finding about a subject, or silence with a reason."""
