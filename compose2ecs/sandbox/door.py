"""The way in for boto3 clients of this process: what they would send is answered here.

Source: https://docs.aws.amazon.com/boto3/latest/guide/events.html
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import botocore.handlers
import botocore.session
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError

from compose2ecs.sandbox.errors import LostAnswerError
from compose2ecs.sandbox.shapes import LOADER
from compose2ecs.sandbox.wire import Answer, Request

KEY, SECRET = "SANDBOX", "sandbox"  # nobody checks them
_EVENT = "before-send.*.*"
_Handle = Callable[[Request], Answer]


class Door:
    """A boto3 session and its clients, all of which lead to `handle`; to nobody while it is None."""

    def __init__(self, region: str) -> None:
        self.region = region
        self.handle: _Handle | None = None
        core = botocore.session.Session()
        core.register_component("data_loader", LOADER)
        core.set_credentials(KEY, SECRET)
        core.set_config_variable("region", region)
        hook: Any = self._before_send
        core.register(_EVENT, hook)
        self.session = boto3.Session(botocore_session=core)
        self._clients: dict[tuple[str, int], Any] = {}

    def client(self, service: str, attempts: int) -> Any:
        """A client, the same one each time."""
        key = (service, attempts)
        if key not in self._clients:
            make: Any = self.session.client
            config = Config(retries={"total_max_attempts": attempts, "mode": "standard"})
            self._clients[key] = make(service, config=config)
        return self._clients[key]

    def _before_send(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        if self.handle is None:
            raise RuntimeError("this client is of a sandbox that is closed")
        return answered(self.handle, request)


# Doors of sandboxes that were closed: making clients takes longer than anything else here.
_FREE: dict[str, list[Door]] = {}


def open_door(region: str, handle: _Handle) -> Door:
    """A door that leads to `handle`, until `close_door`."""
    free = _FREE.get(region)
    door = free.pop() if free else Door(region)
    door.handle = handle
    return door


def close_door(door: Door) -> None:
    """Give a door back; its clients lead nowhere, or to whom it is opened for next."""
    door.handle = None
    _FREE.setdefault(door.region, []).append(door)


def answered(handle: _Handle, request: AWSPreparedRequest) -> AWSResponse:
    """What botocore takes for the answer to a request."""
    body: Any = request.body or b""
    content = body.encode() if isinstance(body, str) else bytes(body)
    headers = {name.lower(): _text(value) for name, value in request.headers.items()}
    try:
        found = handle(Request(request.method, request.url, headers, content))
    except LostAnswerError:
        raise ConnectionClosedError(endpoint_url=request.url) from None
    named: Any = found.headers
    return AWSResponse(request.url, found.status, named, _Raw(found.body))


@contextmanager
def everywhere(handle: _Handle) -> Iterator[None]:
    """Lead every session that is made meanwhile, by whomever, to `handle`."""
    here = True

    def hook(request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        return answered(handle, request) if here else None

    entry: Any = (_EVENT, hook)
    botocore.handlers.BUILTIN_HANDLERS.append(entry)
    try:
        yield
    finally:
        here = False
        botocore.handlers.BUILTIN_HANDLERS.remove(entry)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


class _Raw(io.BytesIO):
    """A body as botocore reads it from urllib3."""

    def stream(self, amount: int = 65536, decode_content: bool | None = None) -> Any:
        """The content in parts."""
        while part := self.read(amount):
            yield part
