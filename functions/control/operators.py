"""Who may switch: the operators of a service, or of the environment for what concerns more than one."""

from edsr.errors import Refused
from edsr.people import may_switch, person
from edsr.policy import Library, Service


def permitted(caller: str, what: str, service: Service | None, library: Library) -> str:
    """The name that counts for the person. What concerns more than one service is the environment's operators'."""
    everywhere = library.people()
    who = person(caller, everywhere)
    if not may_switch(who, service, everywhere):
        named = f"policies/services/{service.id}.json, or " if service else ""
        raise Refused(
            f"{caller} may not switch {what}: its operators are named in {named}the environment's configuration"
        )
    return who.name
