"""Writing a new policy and its event as a person would lay them out; nothing is ever written over."""

import json
from pathlib import Path
from typing import Any

from cli.errors import Unavailable
from cli.policy.draft import Draft

WIDTH = 110


def write(made: Draft, policies: Path, events: Path) -> list[Path]:
    """Write the policy and, when it is new, its event; Unavailable when there is such a file."""
    files = {policies / f"{made.said['id']}.json": made.said}
    files |= {events / made.event_name: made.event} if made.is_new else {}
    for file in files:
        if file.exists():
            raise Unavailable(f"{file} exists: choose another id, or edit it")
    for file, said in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(laid_out(said) + "\n", encoding="utf-8")
    return list(files)


def laid_out(value: Any, indent: int = 0) -> str:
    """JSON as a person writes it: what fits on a line stands on one, but for the document itself."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or (indent and len(line) + indent < WIDTH):
        return line
    inner = " " * (indent + 2)
    if isinstance(value, list):
        parts = [laid_out(one, indent + 2) for one in value]
    else:
        parts = [f"{json.dumps(name)}: {laid_out(one, indent + 2)}" for name, one in value.items()]
    opening, closing = ("[", "]") if isinstance(value, list) else ("{", "}")
    return f"{opening}\n{inner}" + f",\n{inner}".join(parts) + f"\n{' ' * indent}{closing}"
