"""Rules that answer with a redirect.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RedirectActionConfig.html
"""

from __future__ import annotations

from compose2ecs import codes
from compose2ecs.ecs.facts.routing import Redirect
from compose2ecs.ecs.listener_rules import Rule
from compose2ecs.ecs.priorities import covers
from compose2ecs.ecs.scope import Body
from compose2ecs.ecs.work import Work
from compose2ecs.limits import TLS_PORTS

_OF_TARGETS = (
    *("weight", "rewrite", "strip_prefix", "protocol", "health_check", "stickiness"),
    *("deregistration_delay", "attributes"),
)
_REASON = "the load balancer answers by itself"
_PORTS = {"HTTPS": "443", "HTTP": "80"}


def check_redirect(rule: Rule, work: Work) -> None:
    """Say what is wrong with a redirect, and which of its route's keys have nothing to do."""
    route, service = rule.endpoint.route, rule.endpoint.service
    for key in _OF_TARGETS:
        if key in route.written:
            place = route.written[key]
            work.say(codes.ROUTE_KEYS, place, service, key=key, beside="redirect", reason=_REASON)
    if "port" in route.written:
        place = route.written["port"]
        work.say(codes.KEY_IGNORED, place, service, key="route.port", reason=_REASON, advice="")
    place = route.written["redirect"]
    redirect: Redirect = route.redirect
    balancer = work.target.facts.load_balancer
    port = None if work.target.listener or balancer is None else balancer.port
    if redirect.protocol == "HTTP":
        secure = port in TLS_PORTS or rule.login is not None
        work.say(codes.REDIRECT_TO_HTTP if secure else codes.HTTP_LISTENER, place, service)
    if not _comes_back(rule, redirect):
        return
    elsewhere = _other_listener(redirect, port)
    if elsewhere is None:
        work.say(codes.REDIRECT_ON_HTTPS, place, service)
    elif not elsewhere:
        work.say(codes.REDIRECT_TO_ITSELF, place, service)


def _comes_back(rule: Rule, redirect: Redirect) -> bool:
    """Whether the rule matches what it sends to, as far as host, path and query tell."""
    if redirect.query not in (None, "#{query}") and any(
        condition["Field"] == "query-string" for condition in rule.others
    ):
        return False
    host = redirect.host
    if host is not None and host != "#{host}":
        if not rule.hosts or "#{" in host:
            return False
        if not any(covers(pattern.lower(), host.lower()) for pattern in rule.hosts):
            return False
    path = redirect.path
    if path is None or path == "/#{path}" or rule.every_path:
        return True
    plain = path.replace("#{path}", "x").replace("#{host}", "x").replace("#{port}", "0")
    return any(covers(pattern, plain) for pattern in rule.paths)


def _other_listener(redirect: Redirect, port: int | None) -> bool | None:
    """Whether a redirect leads to another listener than that on `port`, which speaks HTTPS on the
    usual ports; None where that depends on a listener that nobody knows yet."""
    wanted = redirect.port or _PORTS.get(redirect.protocol or "", "#{port}")
    if port is not None:
        known = "HTTPS" if port in TLS_PORTS else "HTTP"
        same_protocol = redirect.protocol in (None, "#{protocol}", known)
        return not (same_protocol and wanted in ("#{port}", str(port)))
    if redirect.protocol in (None, "#{protocol}"):
        return wanted != "#{port}"
    return None if redirect.protocol == "HTTPS" else True


def redirect_action(redirect: Redirect) -> Body:
    """The action of a redirect; a protocol without a port brings its own, as people mean it."""
    config: Body = {"StatusCode": f"HTTP_{redirect.status}"}
    if redirect.protocol is not None:
        config["Protocol"] = redirect.protocol
    port = redirect.port or _PORTS.get(redirect.protocol or "")
    if port is not None:
        config["Port"] = port
    for key, value in (("Host", redirect.host), ("Path", redirect.path), ("Query", redirect.query)):
        if value is not None:
            config[key] = value
    return {"Type": "redirect", "RedirectConfig": config}


def redirect_target(redirect: Redirect) -> str:
    """Where a redirect leads, in short.

    >>> redirect_target(Redirect("HTTPS", "www.example.com", "443", "/new/#{path}"))
    'https://www.example.com/new/...'
    >>> redirect_target(Redirect(path="/new", query="a=1")), redirect_target(Redirect(port="81"))
    ('/new?a=1', '#{host}:81/...')
    """
    protocol = (redirect.protocol or "#{protocol}").lower()
    host = redirect.host or "#{host}"
    port = redirect.port or ""
    if port and (protocol, port) not in (("https", "443"), ("http", "80")):
        host = f"{host}:{port}"
    path = redirect.path or "/#{path}"
    query = redirect.query if redirect.query is not None else "#{query}"
    start = f"{protocol}://{host}".removeprefix("#{protocol}://")
    if start == "#{host}":
        start = ""
    text = start + path.replace("#{path}", "...")
    return f"{text}?{query}" if query and query != "#{query}" else text
