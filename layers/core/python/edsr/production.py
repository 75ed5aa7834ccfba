"""Which environments are production, by how they are called."""

BEGINNINGS = ("prod", "live")


def is_production(environment: str) -> bool:
    """Whether an environment is production: prod, production, prod-eu, live."""
    return environment.lower().startswith(BEGINNINGS)
