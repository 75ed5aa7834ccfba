"""The rules of a policy's own tests: they pass, and together they show what it does and what it leaves alone."""

from collections.abc import Iterator

from edsr.model import DecisionVerdict
from edsr.policy import Policy
from edsr.policy.examples import QUIET
from infra.lint import rules
from infra.lint.known import gates
from infra.lint.phrases import meant
from infra.lint.problem import Said
from infra.trial import ENGAGING, Trial


def trial_rules(policy: Policy, run: list[Trial], *, by_hand: bool = False) -> Iterator[Said]:
    """What is wrong with a policy's tests as they were run. Whether they show enough is asked once they pass.

    `by_hand` says that the policy can only observe: then that is what it shows instead of an act."""
    if not policy.tests:
        what = "is empty: a policy shows one event that fires it, one that leaves it quiet, one that a gate refuses"
        yield Said(rules.NO_TESTS, ("tests",), what)
        return
    wrong = [said for trial in run for said in _trial(trial)]
    yield from wrong or not_shown(run, by_hand=by_hand)


def not_shown(run: list[Trial], *, by_hand: bool = False) -> Iterator[Said]:
    """The kinds of case that none of a policy's passing tests shows."""
    verdicts = {trial.got.verdict for trial in run}
    wanted = (DecisionVerdict.OBSERVE.value,) if by_hand else ENGAGING
    if not verdicts & set(wanted):
        yield Said(rules.NO_ACT_SHOWN, ("tests",), f"shows no case in which it would {' or '.join(wanted)}")
    if QUIET not in verdicts:
        yield Said(rules.NO_QUIET_SHOWN, ("tests",), "shows no event that it leaves alone (quiet)")
    if not any(trial.test.expect.refused_by for trial in run):
        yield Said(rules.NO_REFUSAL_SHOWN, ("tests",), "shows no case that a gate refuses (refused-by)")


def _trial(trial: Trial) -> Iterator[Said]:
    at, gate = ("tests", trial.index), trial.test.expect.refused_by
    if trial.unreadable:
        yield Said(rules.NO_EVENT, (*at, "event"), f"{trial.test.name!r}: {trial.unreadable}")
    elif gate and gate not in gates():
        what = f"{trial.test.name!r}: there is no gate {gate!r}{meant(gate, gates())}; there are: {', '.join(gates())}"
        yield Said(rules.UNKNOWN_GATE, (*at, "expect", "refused-by"), what)
    elif trial.differences:
        yield Said(rules.TEST_FAILS, at, f"{trial.test.name!r}: {'; '.join(map(str, trial.differences))}")
