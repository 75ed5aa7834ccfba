"""Ten steps at once write into one audit chain: each races for its head, and none acts twice or goes unrecorded."""

import time
from threading import Barrier, Thread

import pytest

from decide.chain import decide
from decide.facts import Facts
from edsr.aws.readers import lambda_alias
from edsr.errors import Transient
from edsr.model import Kind
from edsr.policy import Library
from edsr.policy.library import Fleet
from edsr.protocol.admission import admit
from edsr.protocol.planning import plan
from plan.draw import World, draw
from tests import estate
from tests.aws.conftest import Workshop
from tests.aws.services import Aliases
from tests.things import ALIAS, AT, a_finding, a_playbook, a_policy

TARGETS = [ALIAS.replace("checkout", f"f{n}") for n in range(10)]
EACH = {"action": "shift-alias", "target": TARGETS, "with": {"to": "1"}}


@pytest.mark.usefixtures("aws")
def test_ten_steps_at_once_are_each_taken_once_and_written_down(library: Library) -> None:
    aliases = {target: Aliases() for target in TARGETS}
    incident_id = _planned(library, aliases)
    barrier = Barrier(10)

    def take(n: int, target: str) -> None:
        shop = Workshop(library, incident_id, aliases=aliases[target])
        barrier.wait()
        for retry in range(4):
            try:
                shop.act(n=n, target=target)
            except Transient:
                time.sleep(0.05 * (n + 1) * (retry + 1))
            else:
                return

    threads = [Thread(target=take, args=(n, target)) for n, target in enumerate(TARGETS, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(alias.updates) for alias in aliases.values()] == [1] * 10
    kinds = [record.kind for record in Workshop(library, incident_id).records()]
    assert (kinds.count(Kind.INTENT), kinds.count(Kind.OUTCOME)) == (10, 10)


def _planned(library: Library, aliases: dict[str, Aliases]) -> str:
    estate.make_tables()
    found, policy = a_finding(), a_policy(safeguards={"blast-radius": {"max-targets": 10}})
    playbook = a_playbook(parameters={}, stages=[{"steps": [EACH], "max-parallel": 10}])
    shop = Workshop(library, found.incident_id)
    decision = decide(found, policy, Facts(now=AT, switches=()))
    shop.store.commit(admit(found, decision, policy, playbook, before=None, at=AT))
    world = World(
        library.catalogue(),
        lambda _: None,
        lambda _kind, _arn: Fleet("checkout", 100),
        lambda _, arn: lambda_alias.observe(lambda *_, **__: aliases[arn], arn).state,
        lambda _: "",
    )
    shop.store.commit(plan(shop.incident, draw(shop.incident, world), at=AT))
    return found.incident_id
