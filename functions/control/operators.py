"""Who may switch: the operators of a service, or of the environment for what concerns more than one; and what."""

from collections.abc import Collection
from difflib import get_close_matches

from edsr.errors import Malformed, Refused
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


def there_is(kind: str, name: str, known: Collection[str]) -> None:
    """Malformed for a name that nothing has: what is written wrongly would switch nothing."""
    if name in known:
        return
    near = get_close_matches(name, known, n=1)
    meant = f", did you mean {near[0]}?" if near else ""
    raise Malformed(f"there is no {kind} {name!r}{meant}; there are {', '.join(sorted(known))}")
