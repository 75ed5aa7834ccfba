"""Runs every benchmark of this folder, prints a table and writes build/bench.json."""

import json
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

_ROOT = Path(__file__).resolve().parents[2]
_OUTPUT = _ROOT / "build" / "bench.json"


def main() -> None:
    figures = {name: run(name) for name in modules()}
    _OUTPUT.parent.mkdir(exist_ok=True)
    _OUTPUT.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    for line in table(figures):
        print(line)  # noqa: T201 - printing is what this command is for


def modules() -> list[str]:
    """The names of the benchmark modules of this folder."""
    return sorted(found.name for found in iter_modules([str(Path(__file__).parent)]) if not found.name.startswith("_"))


def run(name: str) -> dict[str, object]:
    """The figures of one module."""
    figures: dict[str, object] = import_module(f"tests.bench.{name}").run()
    return figures


def table(figures: dict[str, dict[str, object]]) -> list[str]:
    """A line per figure: module, name, value."""
    rows = [(module, name, str(value)) for module, named in figures.items() for name, value in named.items()]
    widths = [max(map(len, column)) for column in list(zip(*rows, strict=True))[:2]]
    return [f"{module:<{widths[0]}}  {name:<{widths[1]}}  {value}" for module, name, value in rows]


if __name__ == "__main__":
    main()
