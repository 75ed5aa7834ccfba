"""Test results as JUnit XML, the form that build servers read."""

from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree  # it only writes  # nosec B405

_CONTROLS = {code: "\N{REPLACEMENT CHARACTER}" for code in range(32) if chr(code) not in "\t\n\r"}
"""XML takes no control characters, not even escaped."""


class Case(NamedTuple):
    """One test, and why it failed; empty when it did not."""

    name: str
    failure: str


class Suite(NamedTuple):
    """The tests of one policy."""

    name: str
    cases: list[Case]

    @property
    def well(self) -> bool:
        """Whether nothing failed."""
        return not any(case.failure for case in self.cases)


def write(file: Path, suites: list[Suite]) -> None:
    """Write the suites to a file; its folder is made."""
    root = ElementTree.Element("testsuites", _counts([case for suite in suites for case in suite.cases]))
    for suite in suites:
        element = ElementTree.SubElement(root, "testsuite", {"name": suite.name, **_counts(suite.cases)})
        for case in suite.cases:
            _add(element, suite, case)
    ElementTree.indent(root)
    file.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(root).write(file, encoding="utf-8", xml_declaration=True)


def _add(element: ElementTree.Element, suite: Suite, case: Case) -> None:
    made = ElementTree.SubElement(
        element, "testcase", {"classname": suite.name, "name": case.name.translate(_CONTROLS)}
    )
    if case.failure:
        said = case.failure.translate(_CONTROLS)
        ElementTree.SubElement(made, "failure", {"message": said.splitlines()[0]}).text = said


def _counts(cases: list[Case]) -> dict[str, str]:
    return {"tests": str(len(cases)), "failures": str(sum(bool(case.failure) for case in cases))}
