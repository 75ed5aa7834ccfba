"""What a selector says about itself: it finds, read only, what a step acts on, and works out something for each."""

from pydantic import BaseModel, ConfigDict

from edsr.declare import Permission


class Selector(BaseModel):
    """One way to find targets. Beside it in its module is `select(clients, library, args)`, which gives each target
    and what expressions see of it as `selected`."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)
    id: str
    title: str
    arguments: type[BaseModel]
    permissions: tuple[Permission, ...]
