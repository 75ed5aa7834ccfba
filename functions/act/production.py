"""What is for production is not stopped to save money; what does not say what it is for is taken for production."""

from typing import Any

from edsr.errors import Refused
from edsr.production import is_production


def keep_off(target: str, state: dict[str, Any]) -> None:
    """Refuse what its own tag `environment` does not show to be for something else, whatever the catalogue says."""
    said = state.get("environment", "")
    if not said or is_production(said):
        raise Refused(f"{target} is tagged environment={said or 'nothing'}: only what is not for production is stopped")
