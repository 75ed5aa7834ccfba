"""The seeded bugs: each has to be caught, or its row says which wall hides it and the next row takes that wall down."""

import decide.handler as deciding
import plan.handler as planning
import sweep.handler as sweeping
import verify.handler as verifying
from act import settle, step
from act.hands import Work
from edsr.model import State
from edsr.protocol import brakes, consequences, ending, rates
from edsr.protocol.case import Case
from edsr.protocol.incident import Incident
from tests.chaos import bugs, scenario
from tests.chaos.ceasing_bugs import CEASING_BUGS
from tests.chaos.scenario import ONCE, ORDERS, PAUSED
from tests.chaos.seeding import Mutant, rewriting, swap, unconditional, without

_PLAIN = ("one-step", "duplicate", "two-beside")
_KILLED = ("kill", "kill-service")
_PAUSED = (PAUSED,)
UNSEEN = swap(deciding, "gather", bugs.unbraked)
"""Takes down the wall in front of INTENT's brakes: decide looks at them too."""


MUTANTS = (
    Mutant(
        "B1", "execution named anew on redelivery", ("duplicate", *_PLAIN), (swap(deciding, "_start", bugs.named_anew),)
    ),
    Mutant(
        "B2",
        "dedupe read, then written",
        ("duplicate",),
        (rewriting(deciding, "admit", unconditional("SIG")),),
        "INC, GRD and REC carry conditions of their own",
    ),
    Mutant(
        "B2+",
        "the same without INC's, GRD's and REC's",
        ("duplicate",),
        (rewriting(deciding, "admit", unconditional("SIG", "INC", "GRD", "REC")),),
    ),
    Mutant(
        "B3",
        "claim removed at close",
        ("duplicate",),
        (swap(deciding, "admit", bugs.remembering), rewriting(ending, "close", bugs.forgets_claim)),
        "decide sees the incident itself, and the subject cools",
    ),
    Mutant(
        "B3+",
        "the same, and decide looks neither at the incident nor at the cooldown",
        ("duplicate",),
        (
            swap(deciding, "admit", bugs.remembering),
            rewriting(ending, "close", bugs.forgets_claim),
            swap(deciding, "gather", bugs.without_before),
            rewriting(deciding, "admit", unconditional("INC", "GRD", "REC")),
        ),
    ),
    Mutant("B4", "no intent", _PLAIN, (swap(step, "_act", bugs.no_intent),)),
    Mutant("B5", "sent again unobserved", _PLAIN, (swap(step, "_again", bugs.unlooked),), "the revision is compared"),
    Mutant("B5+B14", "the same without the compare-and-set", _PLAIN, (swap(step, "_again", bugs.unlooked), bugs.BLIND)),
    Mutant("B6", "kill switch read only at ADMIT", _KILLED, (rewriting(step, "intent", without("KIL")),)),
    Mutant("B7", "audit record left out of INTENT", _PLAIN, (rewriting(step, "intent", without("REC")),)),
    Mutant("B8", "a fresh token for each attempt", ("token",), (swap(Work, "token", bugs.fresh),)),
    Mutant("B9", "no sweep, and the message dies", ("start-fails",), (bugs.NO_SWEEP,)),
    Mutant(
        "B10", "audit record put unconditionally", ("two-beside", "duplicate"), (bugs.RECORD,), "HEAD compares the head"
    ),
    Mutant("B10+", "the same without HEAD's condition", ("two-beside",), (bugs.RECORD, bugs.HEAD)),
    Mutant(
        "B11",
        "a duplicate in DECIDED does not start again",
        ("one-step", "duplicate"),
        (swap(deciding, "_again", bugs.not_again),),
        "latency only: the sweep starts it",
    ),
    Mutant(
        "B11+B9",
        "the same without a sweep",
        ("one-step", "duplicate"),
        (swap(deciding, "_again", bugs.not_again), bugs.NO_SWEEP),
    ),
    Mutant("B12", "fence incremented blindly", ("shared-target", *_PLAIN), (bugs.FENCE,), "HEAD and STEP are compared"),
    Mutant(
        "B12+",
        "the same without HEAD's and STEP's conditions",
        ("one-step",),
        (bugs.FENCE, bugs.HEAD, bugs.STEP, bugs.RECORD),
    ),
    Mutant(
        "B13", "sent again without an intent of its own", ("one-step", *_KILLED), (swap(step, "_again", bugs.unsaid),)
    ),
    Mutant("B14", "class B without its compare-and-set", ("drift", "one-step"), (bugs.BLIND,)),
    Mutant(
        "B15",
        "Act's task gives up before its function",
        _PLAIN,
        (swap(scenario, "ASL", bugs.hasty),),
        "the revision is compared",
    ),
    Mutant(
        "B15+B14",
        "the same without the compare-and-set, and nothing but one pause",
        ("one-step",),
        (swap(scenario, "ASL", bugs.hasty), bugs.BLIND),
        bounds=_PAUSED,
    ),
    Mutant(
        "B14 paused",
        "B14, and nothing but one pause: what B15 is told apart by",
        ("one-step",),
        (bugs.BLIND,),
        "the function is killed before its task is tried again",
        bounds=_PAUSED,
    ),
    Mutant("B16", "observed before it has settled", ("blind", "blind-worse"), (swap(Work, "outwait", bugs.nothing),)),
    Mutant(
        "B17",
        "rate stamps written whatever stands there",
        ("rate",),
        (rewriting(step, "intent", unconditional("RTE")),),
        bounds=(ONCE,),
    ),
    Mutant(
        "B17 api",
        "the same of an API's budget alone",
        ("api",),
        (rewriting(step, "intent", unconditional("RTE")),),
        bounds=(ONCE,),
    ),
    Mutant(
        "own: api",
        "INTENT counts what every step takes nowhere",
        ("api", "api-waits"),
        (swap(rates, "_of_every_step", lambda _: lambda _scope: False), UNSEEN),
        bounds=(ORDERS, ONCE),
    ),
    Mutant(
        "B18",
        "not drawn again after approval",
        ("approved-drift",),
        (swap(planning, "_drawn", bugs.undrawn),),
        "act refuses a target that is not as planned",
    ),
    Mutant(
        "B18+",
        "the same, and act does not compare",
        ("approved-drift",),
        (swap(planning, "_drawn", bugs.undrawn), swap(step, "_refuse_drift", bugs.nothing)),
    ),
    Mutant(
        "B19",
        "CLOSE frees a lock that is another's",
        ("shared-target",),
        (rewriting(ending, "close", unconditional("LCK")),),
    ),
    Mutant("B20", "unknown counts as better", ("unknown",), (swap(verifying, "judge", bugs.rosy),)),
    Mutant(
        "own: breaker",
        "INTENT passes every breaker",
        ("open", "half", "trips"),
        (swap(brakes, "pass_breaker", bugs.passing), UNSEEN),
        bounds=(ORDERS, ONCE),
    ),
    Mutant(
        "own: uncounted",
        "CLOSE does not count on the breaker",
        ("trips",),
        (swap(consequences, "count", bugs.nothing),),
        bounds=(ORDERS, ONCE),
    ),
    Mutant(
        "own: common cause",
        "two policies that do harm are not stopped",
        ("common-cause",),
        (swap(consequences, "regressed", lambda right: lambda *args: (right(*args)[0], [])),),
        bounds=(ORDERS,),
    ),
    Mutant(
        "own: latch", "INTENT passes every latch", ("latched",), (swap(brakes.Brakes, "latch", bugs.unlatched), UNSEEN)
    ),
    Mutant(
        "own: slots",
        "ADMIT and INTENT take a slot whoever has it",
        ("slots",),
        (swap(brakes.Brakes, "_slot", bugs.slotless), rewriting(deciding, "admit", without("SEM")), UNSEEN),
        bounds=(ORDERS, ONCE),
    ),
    Mutant("own: slot kept", "CLOSE keeps the slot", ("one-step",), (rewriting(ending, "close", without("SEM")),)),
    Mutant(
        "own: unasked",
        "nobody is asked, and INTENT does not look",
        ("approved",),
        (swap(planning, "_drawn", bugs.unasking), swap(Incident, "ready", lambda _: property(lambda _: State.PLANNED))),
    ),
    Mutant(
        "own: unasked-",
        "nobody is asked; INTENT leaves from APPROVED only, so nothing is ever done",
        ("approved",),
        (swap(planning, "_drawn", bugs.unasking),),
    ),
    Mutant(
        "own: unsettled",
        "CLOSE does not look for intents that stand open",
        ("drift",),
        (swap(ending, "_honest", lambda _: lambda _case, said, _at: said),),
    ),
    Mutant(
        "own: guard",
        "ADMIT takes no guard",
        ("two-policies",),
        (rewriting(deciding, "admit", without("GRD")),),
        "the target's lock is held until the end",
    ),
    Mutant(
        "own: guard+",
        "the same without lock and compare-and-set",
        ("two-policies",),
        (rewriting(deciding, "admit", without("GRD")), rewriting(step, "intent", unconditional("LCK")), bugs.BLIND),
    ),
    Mutant("own: free", "CLOSE keeps the guard", ("one-step",), (rewriting(ending, "close", without("GRD")),)),
    Mutant(
        "own: in flight",
        "CLOSE frees the lock of a call that may yet take effect",
        ("unrepeatable", "revoked"),
        (swap(Case, "targets", lambda _: property(lambda case: {step.target for step in case.steps})),),
    ),
    Mutant("own: outcome", "OUTCOME under any fence", _PLAIN, (rewriting(settle, "outcome", unconditional("STEP")),)),
    Mutant(
        "own: sweep",
        "sweep ends what still runs",
        ("long",),
        (swap(sweeping, "status", lambda _: lambda *_args: "FAILED"),),
    ),
    Mutant(
        "own: held",
        "sweep ends what was left holding since it was looked at",
        ("temporary-hasty",),
        (swap(sweeping, "end", bugs.undeterred),),
        bounds=_PAUSED,
    ),
    *CEASING_BUGS,
)
"""In the order of RELIABILITY 5.2."""
