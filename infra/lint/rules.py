"""The rules of lint, each with a code that stays the same, how bad breaking it is, and what to do."""

from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """An error stops a deployment; a warning asks a person to look."""

    ERROR = "error"
    WARNING = "warning"


class Rule(NamedTuple):
    """One rule: its code, how bad breaking it is, what is wrong then, and what to do about it."""

    code: str
    severity: Severity
    wrong: str
    remedy: str


ERROR, WARNING = Severity.ERROR, Severity.WARNING

NOT_TEXT = Rule("EDSR101", ERROR, "The file is not UTF-8 text.", "Save it as UTF-8.")
NOT_JSON = Rule("EDSR102", ERROR, "The file is not JSON.", "Put right what stands at the line named.")
TWIN_KEY = Rule("EDSR103", ERROR, "A key is given twice.", "Keep one of the two: which one counts would be chance.")
UNKNOWN_KEY = Rule("EDSR104", ERROR, "The document has no such key.", "Use one of the keys that the message lists.")
NOT_ALLOWED = Rule("EDSR105", ERROR, "The value is not one of the allowed ones.", "Use one that the message lists.")
NOT_A_DURATION = Rule("EDSR106", ERROR, "The value is no length of time.", "Write ISO 8601, such as PT15M or P1D.")
MISSING = Rule("EDSR107", ERROR, "A key is missing.", "Add it; `edsr policy show` of another policy shows one.")
BAD_VALUE = Rule("EDSR108", ERROR, "The value has the wrong form.", "Write it as the message says.")
OTHER_ID = Rule("EDSR109", ERROR, "The id is not the file's name.", "Rename the file or the id.")

NO_DETECTOR = Rule("EDSR201", ERROR, "There is no such detector.", "Use a source that docs/catalogue.md lists.")
NO_PLAYBOOK = Rule("EDSR202", ERROR, "There is no such playbook.", "Use one of playbooks/, or write it there.")
NO_ACTION = Rule("EDSR203", ERROR, "There is no such action.", "Use an action that docs/catalogue.md lists.")
NO_PROBE = Rule("EDSR204", ERROR, "There is no such probe.", "Use a probe that docs/catalogue.md lists.")
NO_RUNBOOK = Rule("EDSR205", ERROR, "There is no such runbook.", "Write it: who is woken will look for it.")
NO_ARGUMENT = Rule("EDSR206", ERROR, "An argument that is needed is missing.", "Give it in `with`.")
UNKNOWN_ARGUMENT = Rule("EDSR207", ERROR, "There is no such argument.", "Use one that the message lists.")
NO_PARAMETER = Rule("EDSR208", ERROR, "The playbook needs a parameter.", "Give it in `respond.with`.")
UNKNOWN_PARAMETER = Rule("EDSR209", ERROR, "The playbook has no such parameter.", "Use one that the message lists.")
NO_TARGET = Rule(
    "EDSR210",
    ERROR,
    "A step says not what it acts on, or says it twice.",
    "Give one of `target`, `target.$` and `select`.",
)
NOT_JMESPATH = Rule("EDSR211", ERROR, "A key that ends in .$ holds no JMESPath.", "Put right the expression.")
UNKNOWN_NAME = Rule("EDSR212", ERROR, "An expression asks for what is not there.", "Use a name that the message lists.")
NO_CALENDAR = Rule("EDSR213", ERROR, "There is no such calendar.", "Use one of calendars/, or write it there.")
NO_OBJECTIVE = Rule("EDSR214", ERROR, "There is no such objective.", "Use one of objectives/, or write it there.")
NO_SELECTOR = Rule("EDSR218", ERROR, "There is no such selector.", "Use one that docs/catalogue.md lists.")
NO_SERVICE = Rule("EDSR215", ERROR, "There is no such service.", "Use one of services/, or write it there.")

NOT_A_PATTERN = Rule("EDSR301", ERROR, "It is no EventBridge event pattern.", "Write it as the message says.")
PATTERN_TOO_LONG = Rule("EDSR302", ERROR, "The pattern is longer than EventBridge takes.", "Match more in `where`.")
PATTERN_LONG = Rule("EDSR303", WARNING, "The pattern is nearly too long for EventBridge.", "Match more in `where`.")
UNKNOWN_EVENT = Rule(
    "EDSR304",
    WARNING,
    "No event of this kind is known.",
    "Put one into tests/events.",
)
UNKNOWN_FIELD = Rule(
    "EDSR305", WARNING, "No known event of this kind has such a field.", "Use a field that the message names."
)
OTHER_TYPE = Rule("EDSR306", WARNING, "Known events have another type there.", "Write it as the events do.")
NOT_READ = Rule("EDSR307", ERROR, "The detector does not read such events.", "Match what the detector reads.")
NO_SOURCE = Rule("EDSR308", WARNING, "Anybody may send what the pattern takes.", "Name the `source`.")
UNKNOWN_SUBJECT = Rule("EDSR309", ERROR, "A subject has no such field.", "Use a field that the message lists.")
MANY_RULES = Rule("EDSR310", WARNING, "A bus takes few more rules.", "Bring policies of one kind together.")
TOO_MANY_RULES = Rule("EDSR311", ERROR, "A bus takes no more rules.", "Bring policies of one kind together.")

NO_TRAIL = Rule("EDSR312", ERROR, "Only CloudTrail's events have a trail.", "Leave `trail` out.")
OTHER_TRAIL = Rule("EDSR313", ERROR, "The rule would never be told of such events.", "Set `trail` as the message says.")

UNDOES_A_CURE = Rule("EDSR401", ERROR, "Undoing would bring the trouble back.", 'Write "on-failure": ["hold", "page"].')
UNASKED = Rule("EDSR402", ERROR, "It does what cannot be undone, and asks nobody.", "Let a person approve it first.")
OVERLAP = Rule(
    "EDSR403",
    WARNING,
    "Two policies answer one event on one kind of resource.",
    "Narrow one of the two.",
)
NOTHING_TO_DO = Rule(
    "EDSR406", ERROR, "Its playbook has no steps, so it can only be watched.", "Leave it in `observe`."
)
UNJUDGED = Rule("EDSR407", ERROR, "A step has no probe.", "Say in `verify` what must hold afterwards.")
ONLY_PLANNED = Rule(
    "EDSR404",
    ERROR,
    "It would need what is only planned.",
    "Leave it in `observe` until docs/catalogue.md lists it as built.",
)
GUESSED = Rule("EDSR408", ERROR, "It acts unasked on what is only unusual.", "Let a person approve it, or observe.")

NEVER_ENDS = Rule(
    "EDSR409", ERROR, "What has to end by itself is said to last for ever.", "Give `lasts`, such as PT1H."
)
LASTS_FOR_EVER = Rule("EDSR405", ERROR, "What is never undone is called temporary.", "Leave `lasts` out.")

NO_TESTS = Rule("EDSR501", ERROR, "The policy has no tests.", "Show one that acts, one quiet and one refused.")
TEST_FAILS = Rule("EDSR502", ERROR, "A test of the policy fails.", "`edsr policy test` shows how; `explain` says why.")
NO_EVENT = Rule("EDSR503", ERROR, "A test's event cannot be read.", "Name a file below tests/events.")
UNKNOWN_GATE = Rule("EDSR504", ERROR, "A test names a gate that does not exist.", "Use one that the message lists.")
NO_ACT_SHOWN = Rule("EDSR505", ERROR, "No test shows when it acts or asks.", "Add one; `mode` may raise its mode.")
NO_QUIET_SHOWN = Rule("EDSR506", ERROR, "No test shows an event that it leaves alone.", "Add one that expects quiet.")
NO_REFUSAL_SHOWN = Rule("EDSR507", ERROR, "No test shows a gate that refuses.", "Add one that expects `refused-by`.")

NOT_AN_ARN = Rule("EDSR601", ERROR, "A resource is named by no ARN.", "Write it as arn:aws:...")
TWO_OWNERS = Rule("EDSR602", ERROR, "Two services claim one resource.", "Leave it to the one that answers for it.")

RULES = tuple(sorted(value for value in list(globals().values()) if isinstance(value, Rule)))
"""Every rule, in the order of the codes."""
