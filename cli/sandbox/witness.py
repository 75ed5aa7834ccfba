"""A witness inside the engine, where one is asked for: every call that would change an alias, written to a file.

What the suite says it did can so be compared with what the engine was really told, independently of the suite's audit.
"""

import json
import threading
import time
from pathlib import Path
from typing import Any

from ministack.services import lambda_svc


def install(file: Path) -> None:
    update, one_at_a_time = lambda_svc._update_alias, threading.Lock()

    def update_alias(function: str, alias: str, data: dict[str, Any]) -> Any:
        """Note what was asked for under which revision, and what came of it."""
        status, headers, body = update(function, alias, data)
        said = json.loads(body)
        seen = {
            "at": time.time(),
            "function": function,
            "alias": alias,
            "asked": data.get("FunctionVersion"),
            "expected": data.get("RevisionId"),
            "status": status,
            "revision": said.get("RevisionId"),
        }
        with one_at_a_time, file.open("a") as witnessed:
            witnessed.write(json.dumps(seen) + "\n")
        return status, headers, body

    lambda_svc._update_alias = update_alias
