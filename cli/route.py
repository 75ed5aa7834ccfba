"""What a person asks for: in an account a signed request to the route, in the sandbox an event of the route's shape."""

import getpass
import json
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session

from cli.account import Account
from cli.errors import Declined, Unavailable
from cli.stack import ACCOUNT
from edsr.route import PATHS

REFUSED = (400, 403)
SECOND_PATH = "docs/operating.md says how to stop everything without it"


def ask(account: Account, path: str, said: dict[str, Any], name: str | None = None) -> dict[str, Any]:
    """Ask, and give the answer. Declined says why it is not done, Unavailable what is missing."""
    body = json.dumps(said)
    url = account.people_url()
    if account.is_sandbox:
        status, text = _to_function(account, PATHS[path], event(local(name), path, body, urlsplit(url).netloc))
    elif name is not None:
        raise Declined("--as is for the sandbox: in an account AWS says who you are; name another --profile")
    else:
        status, text = _signed(account, url + path, body)
    return _answer(status, text, path)


def local(name: str | None) -> str:
    """Who asks in the sandbox: a user of an account that AWS gives to nobody, so that it is nobody in any other."""
    return f"arn:aws:iam::{ACCOUNT}:user/sandbox/{name or getpass.getuser()}"


def event(caller: str, path: str, body: str, host: str) -> dict[str, Any]:
    """A request as the route hands it on, once IAM has let its caller in."""
    return {
        "version": "2.0",
        "routeKey": f"POST {path}",
        "rawPath": path,
        "headers": {"content-type": "application/json"},
        "requestContext": {
            "apiId": host.split(".")[0],
            "http": {"method": "POST", "path": path},
            "authorizer": {"iam": {"userArn": caller}},
        },
        "body": body,
        "isBase64Encoded": False,
    }


def _to_function(account: Account, function: str, asked: dict[str, Any]) -> tuple[int, str]:
    answer = account.client("lambda").invoke(FunctionName=function, Payload=json.dumps(asked).encode())
    said = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise Unavailable(f"{function} failed: {said.get('errorType')}: {said.get('errorMessage')}")
    return said["statusCode"], said["body"]


def _signed(account: Account, url: str, body: str) -> tuple[int, str]:
    if account.credentials is None:
        raise Unavailable(f"the profile {account.name!r} has no credentials: log in, then try again")
    request = AWSRequest("POST", url, data=body, headers={"content-type": "application/json"})
    region = account.client("ssm").meta.region_name
    SigV4Auth(account.credentials.get_frozen_credentials(), "execute-api", region).add_auth(request)
    try:
        answer = URLLib3Session(timeout=35).send(request.prepare())
    except BotoCoreError as exc:
        raise Unavailable(f"{url} cannot be reached: {exc}; {SECOND_PATH}") from exc
    return answer.status_code, answer.text


def _answer(status: int, text: str, path: str) -> dict[str, Any]:
    """What the function says is passed on; what IAM or the route itself says is explained."""
    try:
        said: dict[str, Any] = json.loads(text)
    except ValueError as exc:
        raise Unavailable(f"{path} answered HTTP {status}, and no JSON; {SECOND_PATH}") from exc
    if status == 200:
        return said
    if "error" in said:
        raise (Declined if status in REFUSED else Unavailable)(said["error"])
    if status == 403:
        why = "IAM does not let you in: you need execute-api:Invoke on"
        raise Unavailable(f"{why} POST {path} of edsr-people ({said.get('message') or said.get('Message')})")
    if status == 429:
        raise Unavailable("too many requests at once: try again in a second")
    raise Unavailable(
        f"{path} failed with HTTP {status}: it may or may not be done; look, then ask again. {SECOND_PATH}"
    )
