"""The commands of `edsr policy`, in the order in which a person who writes a policy meets them."""

import typer

from cli.policy import explain, lint, new, show, test
from cli.policy import list as every
from cli.policy.backtest import command as backtest

policy_app = typer.Typer(no_args_is_help=True, help="What operators write: make, check, ask and try policies, offline.")
policy_app.command("new")(new.command)
policy_app.command("lint")(lint.command)
policy_app.command("test")(test.command)
policy_app.command("explain")(explain.command)
policy_app.command("show")(show.command)
policy_app.command("list")(every.command)
policy_app.command("backtest")(backtest.command)
