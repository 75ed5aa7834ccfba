"""`--against`: the decisions that differ from those of another git revision, counted, told by example, as a page."""

import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands import MORNING, SOUND, Answer, edsr
from tests.policies import read, write

COPIED = ("rollback.json", "playbooks/shift-back.json", "services/shop.json")


def git(folder: Path, *command: str) -> None:
    identity = ["-c", "user.name=A Person", "-c", "user.email=person@example.com"]
    asked = ["git", *identity, "-C", str(folder), *command]
    subprocess.run(asked, check=True, capture_output=True)  # noqa: S603 - a fixed command


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the sound policies at its first revision."""
    for name in COPIED:
        file = tmp_path / "team" / "policies" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes((SOUND / name).read_bytes())
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "sound")
    return tmp_path / "team" / "policies"


def loosened(policies: Path) -> None:
    """Also other alarms of checkout, a short cooldown, and more at once."""
    policy = read(policies / "rollback.json")
    policy["detect"]["pattern"]["detail"]["alarmName"] = [{"prefix": "canary-"}, {"prefix": "errors-"}]
    policy["safeguards"] |= {"cooldown": "PT1M", "rate": {"max": 9}, "concurrency": {"max": 9}}
    write(policies / "rollback.json", policy)


def backtest(policies: Path, *options: str | Path) -> Answer:
    return edsr("policy", "backtest", policies, "--events", MORNING, "--mode", "automatic", *options)


def changes(policies: Path) -> dict[str, Any]:
    said: dict[str, Any] = backtest(policies, "--against", "HEAD", "--json").json["changes"]
    return said


def test_what_decides_the_same_is_said_to(repository: Path) -> None:
    assert changes(repository) == {"summary": "no decision changes", "decisions": 0, "kinds": []}


def test_a_loosened_policy_shows_its_new_actions(repository: Path) -> None:
    loosened(repository)
    said = changes(repository)
    assert said["summary"] == "2 new actions"
    kinds = {(kind["before"], kind["after"]): kind for kind in said["kinds"]}
    assert {pair: kind["count"] for pair, kind in kinds.items()} == {("quiet", "act"): 1, ("suppress", "act"): 1}
    (example,) = kinds["suppress", "act"]["examples"]
    assert example["time"] == "2026-03-02T03:10:00Z"
    assert example["before"].startswith("cooldown: ")
    assert example["after"] == "every gate allows it"
    assert "against HEAD: 2 new actions" in backtest(repository, "--against", "HEAD").words


def test_a_policy_that_acts_no_more_is_told_as_what_it_does_now(repository: Path) -> None:
    write(repository / "rollback.json", read(repository / "rollback.json") | {"where": {"environment": ["test"]}})
    assert changes(repository)["summary"] == "2 act -> observe, 2 suppress -> observe"


def test_a_policy_that_is_new_or_gone_is_compared_with_nothing(repository: Path) -> None:
    policy = read(repository / "rollback.json") | {"id": "another"}
    write(repository / "another.json", policy)
    (repository / "rollback.json").unlink()
    kinds = {(kind["policy"], kind["before"], kind["after"]) for kind in changes(repository)["kinds"]}
    assert ("another", "quiet", "act") in kinds
    assert ("rollback", "act", "quiet") in kinds


class Page(HTMLParser):
    """What a page consists of: its tags, what it would fetch, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.fetched: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.fetched += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href", "srcset")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_it_is_a_page_that_asks_nobody_for_anything(repository: Path, tmp_path: Path) -> None:
    loosened(repository)
    policy = read(repository / "rollback.json")
    file = tmp_path / "pages" / "backtest.html"
    answer = backtest(repository, "--against", "HEAD", "--html", file)
    assert f"the same as a page: {file}" in answer.out
    page = Page(file.read_text(encoding="utf-8"))
    assert not page.tags & {"script", "link", "img", "iframe"}
    assert page.fetched == []
    assert "2 new actions" in page.text
    assert policy["id"] in page.text
    assert "every gate allows it" in page.text
    assert 'name="viewport"' in file.read_text(encoding="utf-8")


def test_what_an_event_says_is_text_on_the_page(repository: Path, tmp_path: Path) -> None:
    hostile = MORNING.read_text().replace("errors-of-checkout", "errors-<script>alert(1)</script>")
    (tmp_path / "hostile.jsonl").write_text(hostile)
    loosened(repository)
    options = ("--against", "HEAD", "--mode", "automatic", "--html", tmp_path / "page.html")
    edsr("policy", "backtest", repository, "--events", tmp_path / "hostile.jsonl", *options)
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "errors-&lt;script&gt;" in text
    assert "<script" not in text


@pytest.mark.parametrize("revision", ["nowhere", "--output=x", "HEAD:team"])
def test_an_unknown_revision_is_told(repository: Path, revision: str) -> None:
    answer = backtest(repository, f"--against={revision}")
    assert answer.code == 3
    assert answer.error.startswith(f"there is no git revision {revision!r}")


def test_a_folder_that_the_revision_does_not_have_is_told(repository: Path) -> None:
    (repository.parent / "moved").mkdir()
    for name in COPIED:
        (repository.parent / "moved" / name).parent.mkdir(exist_ok=True)
        (repository / name).rename(repository.parent / "moved" / name)
    answer = backtest(repository.parent / "moved", "--against", "HEAD")
    assert answer.error.startswith("HEAD has no team/moved")


def test_a_revision_that_cannot_be_read_any_more_is_told_with_its_place(repository: Path) -> None:
    policy = read(repository / "rollback.json")
    write(repository / "rollback.json", policy | {"colour": "blue"})
    git(repository, "commit", "--all", "--quiet", "--message", "broken")
    write(repository / "rollback.json", policy)
    answer = backtest(repository, "--against", "HEAD")
    assert answer.code == 3
    assert answer.error.startswith("policies/rollback.json at HEAD cannot be read as policies are now: $.colour:")


def test_outside_a_repository_it_says_so(tmp_path: Path) -> None:
    for name in COPIED:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((SOUND / name).read_bytes())
    assert "is in no git repository" in backtest(tmp_path, "--against", "HEAD").error
