"""lambda:function - how often a function may run at once at most, of what is reserved for it."""

from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.declare import Permission, Reader
from edsr.ports import Clients, Observed

READER = Reader(
    resource="lambda:function",
    permissions=(Permission(actions=("lambda:GetFunctionConcurrency",), on="catalogue:lambda:function"),),
)


def observe(clients: Clients, arn: str) -> Observed:
    """`{most?}`; left out where only the account's limit holds. Raises Gone for a function that was deleted; Lambda is
    asked by the ARN, so that another account's or Region's is none."""
    function = resource_of(arn, "lambda", "function:")
    with named(f"reading how often {function} may run at once", target=True):
        said = clients("lambda").get_function_concurrency(FunctionName=arn)
    most = said.get("ReservedConcurrentExecutions")
    return Observed({} if most is None else {"most": most})
