"""error-budget: what a service may still get wrong is not spent on repairs while it burns or is nearly gone."""

from decimal import Decimal

from decide.facts import Facts
from edsr.budget import Budget, is_known
from edsr.model import Finding, Row
from edsr.policy import Policy
from edsr.policy.safeguards import ErrorBudget
from edsr.policy.words import number_text

GATE = "error-budget"


def error_budget(_finding: Finding, policy: Policy, facts: Facts) -> Row:
    """Refuse while the budget burns too fast or too little is left; what restores it is let through, and recorded."""
    said = policy.safeguards.error_budget
    if said is None:
        return Row(GATE, True, "", None, "it spares no error budget")
    row = _asked(said, facts.budget)
    if row.allowed or not said.restores_budget:
        return row
    return Row(GATE, True, row.observed or "unknown", row.limit, f"{row.reason}; it may, since it restores the budget")


def _asked(said: ErrorBudget, budget: Budget) -> Row:
    """What burns too fast is refused even when nobody knows what is left, and the other way round."""
    left, least, most = budget.left, said.min_budget_left, said.most
    burning = budget.above(said.max_burn_rate)
    if burning:
        rate = _text(budget.rate)
        return Row(GATE, False, rate, most, f"{said.objective} burns at {rate}, faster than {most}")
    if least is not None and is_known(left) and left < least:
        short = f"{_text(left)} % of the budget of {said.objective} are left"
        return Row(GATE, False, f"{_text(left)} %", f"{number_text(least)} %", short)
    if burning is None:
        return Row(GATE, False, None, most, f"how fast {said.objective} burns is not known: {budget.why}")
    if least is not None and not is_known(left):
        missing = f"what is left of {said.objective} is not known: {budget.why}"
        return Row(GATE, False, None, f"{number_text(least)} %", missing)
    rate = _text(budget.rate)
    return Row(GATE, True, rate, most, f"{said.objective} burns at {rate}")


def _text(value: Decimal | None) -> str:
    """A known figure; a rate that is below the limit over one window counts as little even if the other is silent."""
    return "little" if value is None else number_text(value)
