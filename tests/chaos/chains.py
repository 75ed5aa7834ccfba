"""The audit chains of a world, held against the heads that the incidents remember; each chain is checked once."""

from typing import Any

from edsr.audit import Head, verify
from edsr.aws.items import plain
from edsr.model import AuditRecord
from edsr.protocol import keys
from tests.chaos.dynamo import Dynamo

_known: dict[tuple[Any, ...], tuple[Any, list[str]]] = {}


def broken(dynamo: Dynamo, incident: str, head: dict[str, Any]) -> list[str]:
    """What is wrong with an incident's chain."""
    items = [item for place, item in dynamo.items.items() if place[:2] == ("edsr-audit", keys.chain(incident))]
    key = (incident, head["head_seq"], head["head_hash"], *map(id, items))
    if key not in _known:
        said = [plain(dict(item)) for item in items]
        chain = [AuditRecord.model_validate({name: item[name] for name in AuditRecord.model_fields}) for item in said]
        flaws = verify(incident, chain, Head(head["head_seq"], head["head_hash"]))
        _known[key] = (items, [str(flaw) for flaw in flaws])
    return _known[key][1]


def forget() -> None:
    """Of another scenario nothing has to be remembered."""
    _known.clear()
