"""The suite as a CDK app: its stacks in one environment."""

from pathlib import Path

from aws_cdk import App, Environment, Tags

from infra.config import Configuration
from infra.stacks.actions import Actions
from infra.stacks.approvals import Approvals
from infra.stacks.compute import Compute
from infra.stacks.stateful import Stateful

FLAGS = {"@aws-cdk/aws-iam:minimizePolicies": True}


def new_app(outdir: Path | None = None) -> App:
    """An app that writes the same bytes wherever and whenever it is synthesized.

    With a folder of our own choice, the CDK's own validation is left out: it takes most of the time, and the tests run
    cfn-lint and cdk-nag. `cdk deploy` chooses the folder itself, and validates.
    """
    return App(
        outdir=str(outdir) if outdir else None,
        analytics_reporting=False,
        tree_metadata=False,
        stack_traces=False,
        builtin_cloud_formation_validation=outdir is None,
        context=FLAGS,
    )


def add_stacks(app: App, config: Configuration, policies: Path) -> None:
    """Stateful first; the others read what it says through SSM parameters."""
    env = Environment(account=config.account, region=config.region)
    kept = Stateful(app, "Edsr-Stateful", config, env=env, termination_protection=not config.destroyable)
    acts = Actions(app, "Edsr-Actions", config, policies, env=env)
    acts.add_stack_dependency(kept)
    runs = Compute(app, "Edsr-Compute", config, policies, env=env)
    runs.add_stack_dependency(acts)
    if config.sign_in:
        shown = Approvals(app, "Edsr-Approvals", config, policies, config.sign_in, env=env)
        shown.add_stack_dependency(kept)
        runs.add_stack_dependency(shown)
    Tags.of(app).add("edsr:environment", config.environment)
