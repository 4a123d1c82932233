"""compose2ecs: Docker Compose files to Amazon ECS.

The three steps of `compose2ecs convert` as functions:

>>> from compose2ecs import load, translate, write
>>> project = load(files={"compose.yaml": '''
... name: shop
... services:
...   web: {image: nginx, ports: ["8080:80"]}
... '''}, environment={})
>>> stack = translate(project)
>>> sorted(write(stack))[-1]
'task-definitions/shop-web.json'
>>> stack.placeholders["<vpc-id>"]
'--vpc or x-ecs: {network: {vpc: ...}}'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from compose2ecs.api import InputError, Report, Stack, Target, load, target, translate, write

__version__ = "0.1.0"
__all__ = ["InputError", "Report", "Stack", "Target", "load", "target", "translate", "write"]


def __getattr__(name: str) -> Any:
    # `compose2ecs --help` imports this package and must not pay for the loader. No subpackage may
    # be called as one of these: importing it would put the module in the function's place.
    if name in __all__:
        from compose2ecs import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
