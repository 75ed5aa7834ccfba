"""M1 to M10 from audit chains of which it is known what came of them."""

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsr.indicators.remediations import answered, remediation
from edsr.indicators.table import INDICATORS
from edsr.indicators.totals import Chains, by, figures, observations, precision
from edsr.metrics import METRICS
from edsr.model import Kind
from edsr.times import iso
from tests.chains import POLICY, Chain, chains, labels, verdict
from tests.things import AT, a_subject


def figure(said: Chains, name: str) -> float | None:
    """One measure's figure, of everything there is."""
    (found,) = [one for one in figures(observations(said)) if one.indicator.id == name]
    return found.value


def test_there_are_ten_measures_and_each_is_of_metrics_that_exist() -> None:
    assert [one.id for one in INDICATORS] == [*(f"M{n}" for n in range(1, 11)), "A1", "A2"]
    assert {one.metric for one in INDICATORS} | {one.of for one in INDICATORS if one.of} <= set(METRICS)


def test_the_targets_to_start_with_are_those_that_were_asked_for() -> None:
    said = {one.id: f"{one.target} {one.unit}".strip() for one in INDICATORS if one.target}
    assert said == {
        "M1": "<= 60 s", "M2": "<= 300 s", "M3": ">= 95 %", "M4": "<= 5 %", "M5": "<= 0", "M7": ">= 99.9 %",
        "M8": "<= 500 ms", "M10": ">= 100 %",
    }  # fmt: skip


def test_nothing_happened_so_nothing_is_told_that_would_need_something_to_have_happened() -> None:
    assert {one.indicator.id: (one.value, one.met) for one in figures([])} == {
        **{one.id: (None, None) for one in INDICATORS},
        "M5": (0, True), "M6": (0, None), "M9": (0, None),
    }  # fmt: skip


def test_time_to_detect_is_the_mean_over_what_was_not_held_back() -> None:
    noise = [Chain(n, late=3600, suppressed=True) for n in range(2, 9)]
    assert figure(chains(Chain(0, late=10), Chain(1, late=30), *noise), "M1") == 20


@pytest.mark.parametrize("origin", ["replay", "synthetic"])
def test_what_did_not_happen_now_is_not_counted(origin: str) -> None:
    said = chains(Chain(origin=origin))
    assert (figure(said, "M1"), figure(said, "M7"), figure(said, "A2")) == (None, None, None)


def test_a_clock_that_is_ahead_makes_no_time_negative() -> None:
    assert figure(chains(Chain(late=-5)), "M1") == 0


def test_time_to_remediate_leaves_out_how_long_people_were_waited_for() -> None:
    asked = Chain(1).plan().ask(600).intend().done().close("RESOLVED", verdict("better"))
    assert figure(chains(asked), "A1") == 600
    took = (asked.at - asked.began).total_seconds()
    assert figure(chains(asked), "M2") == took - 600


def test_time_to_remediate_is_only_of_what_succeeded() -> None:
    well, badly = Chain(1).acted(), Chain(2).plan().intend().done().add_wait(900).close("ESCALATED", verdict("unknown"))
    assert figure(chains(well, badly), "M2") == (well.at - well.began).total_seconds()


def test_who_is_asked_again_is_waited_for_again_and_nobodys_answer_counts_too() -> None:
    chain = Chain().plan().ask(10, number=1).plan().ask(20, "expired", number=2).close("ESCALATED")
    assert answered(chain.records) == [10, 20]
    assert figure(chains(chain), "A1") == 15


def test_an_answer_that_is_not_enough_yet_ends_no_waiting() -> None:
    chain = Chain().plan()
    chain.add(Kind.APPROVAL, asked=1, need=2, expires_at=0, digest="d")
    chain.add(Kind.APPROVAL, 30, asked=1, answer="approved", complete=False, digest="d")
    assert answered(chain.records) == []
    chain.add(Kind.APPROVAL, 40, asked=1, answer="approved", complete=True, digest="d")
    assert answered(chain.records) == [70]


TRUTH = {
    "a cure": (Chain(101).acted(), True, False),
    "a cure for a while": (Chain(102).acted("HOLDING"), True, False),
    "nothing was better": (Chain(103).acted("ESCALATED", "unknown"), False, False),
    "it was worse": (Chain(104).acted("REVERTED", "worse"), False, True),
    "it was denied": (Chain(105).acted("ESCALATED", "unknown", "DENIED"), False, False),
    "half of it": (
        Chain(106).plan().intend().done().intend(2).done(2).close("RESOLVED", verdict("better"), verdict("unknown", 2)),
        False, False,
    ),
    "a verdict that an intent carried": (
        Chain(107).plan().intend(1).done(1).intend(2, verdicts=(verdict("better"),)).done(2).close(
            "RESOLVED", verdict("better", 2)
        ),
        True, False,
    ),
    "nobody knows what came of it": (Chain(108).plan().intend().close("ESCALATED", verdict("unknown")), False, False),
    "undone, which is judged apart": (
        Chain(109).plan().intend().done().intend(1, "revert", (verdict("worse"),)).done(1, "revert").close(
            "REVERTED", verdict("better", 1, "revert")
        ),
        False, True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TRUTH)
def test_a_remediation_succeeds_when_every_step_was_done_and_judged_better(name: str) -> None:
    chain, succeeded, worse = TRUTH[name]
    done = remediation(chain.records)
    assert done is not None
    assert (done.succeeded, done.worse) == (succeeded, worse)
    assert figure(chains(chain), "M3") == 100 * succeeded
    assert figure(chains(chain), "M5") == worse


def test_what_was_resolved_only_in_part_is_no_success_and_is_told_apart() -> None:
    done = remediation(TRUTH["half of it"][0].records)
    assert done
    assert done.partial


@pytest.mark.parametrize(
    "chain",
    [
        Chain(),
        Chain().plan(),
        Chain().plan().ask(10, "rejected").close("ABORTED"),
        Chain().plan().close("RESOLVED"),
        Chain().plan().intend().done(),
    ],
)
def test_what_has_not_acted_or_has_not_ended_is_no_remediation(chain: Chain) -> None:
    assert remediation(chain.records) is None
    assert figure(chains(chain), "M3") is None


def test_a_measure_that_ends_later_is_one_remediation_and_one_more_audited_action() -> None:
    chain = Chain().acted("HOLDING").intend(1, "revert").done(1, "revert").close("RESOLVED")
    seen = observations(chains(chain))
    assert [one.value for one in seen if one.metric == "RemediationSucceeded"] == [1]
    assert [one.value for one in seen if one.metric == "ActionAudited"] == [1, 1]


def test_success_and_false_positives_are_shares_of_what_acted() -> None:
    good, bad = [Chain(n).acted() for n in range(19)], Chain(20).acted("ESCALATED", "unknown")
    quiet = [Chain(n) for n in range(30, 50)]
    said = chains(*good, bad, *quiet, labelled=labels((good[0].id, "false-positive", "unclear")))
    assert (figure(said, "M3"), figure(said, "M4"), figure(said, "A2")) == (95, 5, 2)
    assert figure(said, "M6") == 18, "nineteen cures, less the one that was not needed"


@pytest.mark.parametrize(
    ("said", "unnecessary", "harmful", "avoided"),
    [
        ([], 0, 0, 1),
        (["true-positive"], 0, 0, 1),
        (["false-positive"], 1, 0, 0),
        (["harmful"], 0, 1, 0),
        (["false-positive", "harmful"], 0, 1, 0),
        (["false-positive", "true-positive"], 0, 0, 1),
        (["harmful", "unclear"], 0, 0, 1),
    ],
)
def test_the_latest_label_counts(said: list[str], unnecessary: int, harmful: int, avoided: int) -> None:
    chain = Chain().acted()
    steps = list(zip([chain.id] * len(said), said, ["unclear", *said], strict=False))
    found = chains(chain, labelled=labels(*steps))
    assert (figure(found, "M4"), figure(found, "M5"), figure(found, "M6")) == (100 * unnecessary, harmful, avoided)


def test_what_was_worse_for_another_reason_is_taken_back_by_a_label() -> None:
    chain = Chain().acted("REVERTED", "worse")
    assert figure(chains(chain), "M5") == 1
    assert figure(chains(chain, labelled=labels((chain.id, "true-positive", "unclear"))), "M5") == 0


@pytest.mark.parametrize(
    "chain",
    [
        Chain().plan().ask(5).intend().done().close("RESOLVED", verdict("better")),
        Chain().acted(status="NOOP"),
        Chain().acted("ESCALATED", "unknown"),
        Chain().acted("REVERTED", "worse"),
    ],
    ids=["a person had a hand in it", "nothing was changed", "it did not help", "it made it worse"],
)
def test_nothing_was_avoided_where(chain: Chain) -> None:
    assert figure(chains(chain), "M6") == 0


def test_delivery_is_what_the_bus_brought_of_all_that_was_found() -> None:
    brought, missed = [Chain(n) for n in range(999)], Chain(1000, origin="sweep")
    assert figure(chains(*brought, missed), "M7") == 99.9


def test_action_latency_is_the_median_and_what_was_not_sent_has_none() -> None:
    took = [100, 120, 90_000]
    done = [Chain(n).plan().intend().done(took_ms=each).close("RESOLVED") for n, each in enumerate(took)]
    silent = Chain(9).plan().intend().done(status="REFUSED", took_ms=None).close("ABORTED")
    assert figure(chains(*done, silent), "M8") == 120


def test_an_slo_is_violated_when_its_budget_burns_fast() -> None:
    fast = Chain(1, condition="edsr-burn-checkout-availability-fast")
    slow = Chain(2, condition="edsr-burn-checkout-availability-sustained")
    other = Chain(3, condition="my-edsr-burn-x-fast-5m")
    seen = observations(chains(fast, slow, other))
    assert figure(chains(fast, slow, other), "M9") == 1
    assert list(by(seen, "objective")) == ["checkout-availability"]


@pytest.mark.parametrize(
    ("chain", "share"),
    [
        (Chain().acted(), 100),
        (Chain().plan().intend().close("ESCALATED"), 0),
        (Chain().plan().done().close("RESOLVED"), 0),
        (Chain().intend().done().close("RESOLVED"), 0),
        (Chain().plan().intend().done(before=None).close("RESOLVED"), 0),
        (Chain().plan().intend().done(after=None).close("RESOLVED"), 0),
        (Chain().plan().intend().done(target=None).close("RESOLVED"), 0),
        (Chain().plan().intend().intend().done().close("RESOLVED"), 100),
    ],
    ids=[
        "all of it", "no outcome", "no intent", "no plan", "no state before", "no state after", "no target",
        "tried twice",
    ],
)  # fmt: skip
def test_an_action_is_audited_when_all_of_its_context_is_there(chain: Chain, share: int) -> None:
    assert figure(chains(chain), "M10") == share


def test_only_a_period_is_counted_each_record_at_its_own_time() -> None:
    early, late = Chain(1).acted(), Chain(2, began=AT + timedelta(days=10)).acted()
    said = chains(early, late, labelled=labels((early.id, "false-positive", "unclear"), at=AT + timedelta(days=9)))
    week = observations(said, iso(AT + timedelta(days=7)), iso(AT + timedelta(days=14)))
    assert [one.value for one in week if one.metric == "RemediationSucceeded"] == [1]
    assert [one.value for one in week if one.metric == "RemediationUnnecessary"] == [1]


def test_a_policys_precision_is_of_what_was_labelled_also_where_it_only_observed() -> None:
    seen = [Chain(n) for n in range(5)]
    said = labels(
        *(
            (one.id, label, "unclear")
            for one, label in zip(seen, ["true-positive"] * 3 + ["false-positive"] * 2, strict=True)
        )
    )
    assert precision(chains(*seen, labelled=said)) == {POLICY: (3, 2)}


def test_figures_can_be_told_apart_by_policy_and_service() -> None:
    one, other = Chain(1).acted(), Chain(2, policy="another", subject=a_subject(service="basket")).acted()
    seen = observations(chains(one, other))
    assert set(by(seen, "policy")) == {POLICY, "another"}
    assert set(by(seen, "affected")) == {"checkout", "basket"}


KINDS = st.lists(st.sampled_from(sorted(TRUTH)), unique=True)


@given(KINDS, st.randoms())
def test_what_is_added_up_does_not_depend_on_the_order_in_which_it_is_read(
    names: list[str], chance: random.Random
) -> None:
    said = chains(*(TRUTH[name][0] for name in names))
    mixed = list(said.items())
    chance.shuffle(mixed)
    assert figures(observations(dict(mixed))) == figures(observations(said))
