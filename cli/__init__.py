"""The `edsr` command: the suite on a laptop, and what people ask of it."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
"""The repository: what is deployed is what stands here."""

POLICIES = ROOT / "policies"
EVENTS = ROOT / "tests" / "events"
BUILD = ROOT / "build"
