"""What people ask for at `/labels`: they have looked at an incident, and say what it was."""

from typing import Annotated, Any

from pydantic import Field

from control.operators import permitted
from edsr.errors import Refused
from edsr.indicators.labels import Label
from edsr.ports import Store
from edsr.protocol import keys
from edsr.protocol.labelling import label
from edsr.route import Asked, Body
from edsr.serve import Runtime
from edsr.settings import Route


class Labels(Body):
    """Say of an incident what it was, and why."""

    incident: Annotated[str, Field(pattern=r"^i-[0-9a-f]{26}$")]
    label: Label
    reason: Annotated[str, Field(min_length=3, max_length=256)]


def labelling(asked: Asked, store: Store, runtime: Runtime[Route]) -> dict[str, Any]:
    """Gives the label and the one before. The operators of its service may, or the environment's. Raises Refused."""
    said, library = asked.read(Labels), runtime.library()
    head = keys.incident(said.incident)
    item = store.read([head]).get(head)
    if item is None:
        raise Refused(f"there is no incident {said.incident}")
    service = next((one for one in library.services() if one.id == item.get("service")), None)
    by = permitted(asked.caller, said.incident, service, library)
    runtime.log.warning("labelling", extra={"by": by, **said.model_dump(mode="json")})
    was = label(store, said.incident, said.label, by=by, reason=said.reason, clock=runtime.clock, caller=asked.caller)
    return {"incident": said.incident, "is": said.label.value, "was": was.value, "by": by}
