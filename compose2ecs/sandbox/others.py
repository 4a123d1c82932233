"""All other services: moto answers for them, if it is installed. They know nothing of our world.

Source: https://docs.getmoto.org/en/latest/
"""

from __future__ import annotations

import importlib
import importlib.util
import re
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders

from compose2ecs.sandbox.errors import AwsError
from compose2ecs.sandbox.wire import Answer, Request, signed_for

# Where the first part of a service's address is not the name that requests to it are signed for.
_HOSTS = {"ecr": "api.ecr"}
_GLOBAL = ("s3", "route53", "cloudfront")


class Others:
    """moto, fetched when it is first needed."""

    def __init__(self) -> None:
        self._stubber: Any = None

    def answer(self, request: Request) -> Answer:
        """What moto answers to a request; raises AwsError if it has no answer."""
        if self._stubber is None:
            self._stubber = _stubber()
        region, service = signed_for(request)
        headers = HTTPHeaders()
        for name, value in request.headers.items():
            headers[name] = value
        asked = AWSPreparedRequest(
            request.method, _address(request, service, region), headers, request.body, False
        )
        try:
            found = self._stubber.process_request(asked)
        except NotImplementedError as error:
            raise AwsError("NotImplemented", str(error), 501) from None
        if found is None:
            raise AwsError(
                "NotImplemented", f"nothing here answers for {service or request.url}", 501
            )
        status, answered, body = found
        content = body.encode() if isinstance(body, str) else bytes(body)
        named = {str(name): str(value) for name, value in answered.items()}
        return Answer(int(status), named, content)

    def reset(self) -> None:
        """Forget everything that was made; moto keeps it for the whole process."""
        if self._stubber is not None:
            module: Any = importlib.import_module("moto.core.base_backend")
            module.BackendDict.reset()


def _stubber() -> Any:
    if importlib.util.find_spec("moto") is None:
        said = "the sandbox answers for this service by moto: pip install 'compose2ecs[sandbox]'"
        raise AwsError("NotImplemented", said, 501)
    module: Any = importlib.import_module("moto.core.botocore_stubber")
    return module.BotocoreStubber()


def _address(request: Request, service: str, region: str) -> str:
    """The address that the request would have had on AWS."""
    parts = urlsplit(request.url)
    if re.search(r"\.amazonaws\.com(\.cn)?$", parts.netloc.partition(":")[0]):
        return request.url
    first = _HOSTS.get(service, service)
    host = f"{first}.amazonaws.com" if service in _GLOBAL else f"{first}.{region}.amazonaws.com"
    query = f"?{parts.query}" if parts.query else ""
    return f"https://{host}{parts.path}{query}"
