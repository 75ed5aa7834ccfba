"""The proof as a report: build/iam.json for programs, tables for people."""

import json
from collections.abc import Iterable
from typing import Any

from infra import BUILD
from tests.proof.denials import Denial
from tests.proof.shown import Shown

FILE = BUILD / "iam.json"


def report(shown: dict[str, Shown], denials: Iterable[Denial]) -> dict[str, Any]:
    """Everything that was found out; `denied`, `unused` and `unmapped` have to be empty.

    A function's `ambient` are grants that it never used itself, each with the reason why it has them.
    """
    functions = [_function(proof) for proof in shown.values()]
    return {
        "functions": functions,
        "calls": sum(said["calls"] for said in functions),
        **{
            kind: [f"{said['function']} {what}" for said in functions for what in said[kind]]
            for kind in ("denied", "unused", "unmapped")
        },
        "denied_once": [_denial(denial) for denial in denials],
    }


def write(said: dict[str, Any]) -> None:
    """To build/iam.json."""
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(said, indent=1) + "\n")


def tables(said: dict[str, Any]) -> list[str]:
    """What each function asked and may, what came of each mutating action that was denied once, and why others stay."""
    kinds = ("denied", "unused", "unmapped")
    heads = ("function", "calls", "actions", "ambient", *kinds)
    rows = [
        (each["function"], each["calls"], len(each["actions"]), len(each["ambient"]), *(len(each[k]) for k in kinds))
        for each in said["functions"]
    ]
    once = [
        (
            each["function"],
            each["action"],
            each["on"],
            each["scene"],
            each["asked"],
            f"{each['told']:.40}",
            each["ended"],
        )
        for each in said["denied_once"]
        if each["mutates"]
    ]
    reasons = sorted(
        {(each["reason"], each["grant"].split()[0]) for one in said["functions"] for each in one["ambient"]}
    )
    return [
        *_aligned([heads, *rows]),
        "",
        *_aligned([("denied once", "action", "on", "scene", "asked", "told", "the incident ended"), *once]),
        "",
        *_aligned([("ambient action", "reason"), *((action, reason) for reason, action in reasons)]),
        "",
        f"{said['calls']} calls; " + ", ".join(f"{len(said[kind])} {kind}" for kind in kinds),
    ]


def _function(proof: Shown) -> dict[str, Any]:
    return {
        "function": proof.actor,
        "calls": proof.calls,
        "actions": sorted({need.action for need in proof.by}),
        "used": _words(proof.used),
        "denied": _words(proof.denied),
        "unused": _words(proof.unused),
        "unmapped": sorted(proof.unmapped),
        "ambient": [{"grant": _word(grant), "reason": proof.ambient[grant].reason} for grant in sorted(proof.ambient)],
    }


def _denial(denial: Denial) -> dict[str, Any]:
    return {
        "function": denial.function,
        "scene": denial.scene,
        "action": denial.need.action,
        "on": denial.need.resource.split(":", 5)[-1],
        "via": denial.need.via,
        "mutates": denial.mutates,
        "asked": denial.asked,
        "told": denial.told,
        "fails_again": denial.fails_again,
        "ended": denial.ended,
    }


def _words(found: Iterable[tuple[str, ...]]) -> list[str]:
    return sorted(map(_word, found))


def _word(parts: tuple[str, ...]) -> str:
    return " ".join(filter(None, parts))


def _aligned(rows: list[tuple[Any, ...]]) -> list[str]:
    widths = [max(len(str(cell)) for cell in column) for column in zip(*rows, strict=True)]
    lines = ("  ".join(f"{cell!s:<{width}}" for cell, width in zip(row, widths, strict=True)) for row in rows)
    return [line.rstrip() for line in lines]
