"""The CDK app: two stacks, derived from what the functions declare and the policies say."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FUNCTIONS = ROOT / "functions"
LAYERS = ROOT / "layers"
POLICIES = ROOT / "policies"
AUDIT = ROOT / "audit"
BUILD = ROOT / "build"
EVENTS = ROOT / "tests" / "events"
