"""approve's other function: a person's answer that came by the route which IAM guards."""

from typing import Any

from approve.answering import PERMISSIONS, Given, take
from edsr.declare import Function
from edsr.people import person
from edsr.route import Asked, through_route
from edsr.serve import Handler, Runtime
from edsr.settings import Route


def run(asked: Asked, runtime: Runtime[Route]) -> dict[str, Any]:
    """`{inc, digest, answer}` of whom AWS let in. Gives `{state, by, need}`.

    Raises Refused, with the reason, for an answer that cannot count.
    """
    given = asked.read(Given)
    return take(given, person(asked.caller, runtime.library().people()), runtime)


handler = Handler(through_route(run), Function(settings=Route, permissions=PERMISSIONS))
