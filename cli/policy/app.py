"""The commands of `edsr policy`, in the order in which a person who writes a policy meets them."""

import typer

from cli.policy import lint

policy_app = typer.Typer(no_args_is_help=True, help="What operators write: make, check, ask and try policies, offline.")
policy_app.command("lint")(lint.command)
