"""`x-ecs` keys of routing that few projects have: `access`, `load_balancer`, `external`, and a route's
`auth`, `redirect` and `rewrite`.

What is refused here is what the schema refuses; what AWS has against it is seen when it is used.
"""

# No `from __future__ import annotations`, for the reason given in compose/model.py.
import ipaddress
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from compose2ecs import codes
from compose2ecs.compose.located import Map, Seq
from compose2ecs.compose.quantity import format_value
from compose2ecs.compose.reading import (
    Reader,
    Reading,
    choice,
    items,
    mapping,
    record,
    refuse_duplicates,
    string,
    whole,
)
from compose2ecs.ecs.extension import seconds
from compose2ecs.report import Source

_URL = re.compile(r"https://[^\s/?#@]+(/\S*)?")
_USER_INFO = re.compile(r"https?://[^\s/?#]*@")
_COOKIE = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_USER_POOL = re.compile(r"arn:aws[a-z-]*:cognito-idp:[a-z0-9-]+:[0-9]{12}:userpool/\S+")
_BALANCER = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?")
_HOST_PORT = re.compile(
    r"([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]):([1-9][0-9]{0,4})"
)
EXTRA_PARAMS = 10
# What the load balancer's regular expressions lack of Python's: looking around, groups that keep
# what they took, and references to groups inside the expression.
_LACKING = re.compile(r"\(\?(=|!|<=|<!|>|P=)|\\[1-9]|[*+?}]\+")
_CLASS = re.compile(r"\\\D|\[\^?\]?(\\.|[^\]\\])*\]")  # where a plus is only a plus
_NAMED = re.compile(r"\(\?<(?=[A-Za-z])")


class Login(NamedTuple):
    """A login in front of a rule: `config` has the members of AWS's action but the client secret.

    `kind` is oidc or cognito, `title` who is asked, and `secret_at` the place of a client secret.
    """

    kind: str
    config: Mapping[str, Any]
    title: str
    place: int = 0
    secret_at: int = 0

    @property
    def lets_all_in(self) -> bool:
        """Whether a request without a login reaches the service all the same."""
        return bool(self.config.get("OnUnauthenticatedRequest") == "allow")

    @property
    def client(self) -> str:
        """Whose secret it is."""
        return str(self.config["ClientId"])


class Access(NamedTuple):
    """Who may reach the endpoints: all of `cidrs`, where there are any, after the login if any."""

    public: bool = False
    cidrs: tuple[str, ...] = ()
    login: Login | None = None


class Redirect(NamedTuple):
    """Where a request is sent instead, in AWS's words; None keeps a part as it came."""

    protocol: str | None = None
    host: str | None = None
    port: str | None = None
    path: str | None = None
    query: str | None = None
    status: int = 302


class Rewrite(NamedTuple):
    """What is rewritten before a request is forwarded: pairs of an expression and its replacement."""

    path: tuple[str, str] | None = None
    host: tuple[str, str] | None = None


class LoadBalancer(NamedTuple):
    """A load balancer by name, and the port of its listener."""

    name: str = ""
    port: int | None = None


def _text(
    wanted: str, pattern: re.Pattern[str] | None = None, low: int = 1, high: int = 0
) -> Reader:
    """A string of a form; without `pattern`, of `low` to `high` characters, 0 for any number."""

    def read(value: Any, place: int, reading: Reading) -> str | None:
        text = string(value, place, reading)
        if text is None:
            return None
        good = pattern.fullmatch(text) is not None if pattern is not None else len(text) >= low
        if not good or (high and len(text) > high):
            reading.say(codes.MUST_BE, place, wanted=wanted)
            return None
        return text

    return read


# ---------------------------------------------------------------------------- access


def network(text: str) -> str | None:
    """An address range as AWS writes it, without bits behind its length; None if it is none.

    >>> network("10.1.2.3/8"), network("2001:DB8::/32"), network("10.0.0.1"), network("10.0.0.0/x")
    ('10.0.0.0/8', '2001:db8::/32', None, None)
    """
    length = text.rpartition("/")[2]
    if "/" not in text or "%" in text or not (length.isascii() and length.isdigit()):
        return None
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        return None


def example(text: str) -> str:
    """A range to write instead: of a single address, the range that has only it.

    >>> example("10.0.0.1"), example("2001:db8::1"), example("10.0.0.0/33")
    ('10.0.0.1/32', '2001:db8::1/128', '10.0.0.0/8')
    """
    try:
        return str(ipaddress.ip_network(text)) if "%" not in text else "10.0.0.0/8"
    except ValueError:
        return "10.0.0.0/8"


def _cidr(value: Any, place: int, reading: Reading) -> str | None:
    text = string(value, place, reading)
    found = network(text) if text is not None else None
    if text is not None and found is None:
        reading.say(codes.MUST_BE, place, wanted=f"an address range such as {example(text)}")
    return found


_cidr_list = items(_cidr)


def _cidrs(value: Any, place: int, reading: Reading) -> tuple[str, ...]:
    found: tuple[str, ...] = _cidr_list(value, place, reading)
    if isinstance(value, Seq):
        refuse_duplicates(value, reading)
        if not value:
            reading.say(codes.MUST_BE, place, wanted="a list of one address range or more")
    return tuple(dict.fromkeys(found))


def _scalar(value: Any, place: int, reading: Reading) -> str | None:
    if value is None or isinstance(value, (Map, Seq)):
        reading.wrong_type(value, place, "a string, number or boolean")
        return None
    return format_value(value)


_scalars = mapping(_scalar)


def _extra_params(value: Any, place: int, reading: Reading) -> Mapping[str, str]:
    found: Mapping[str, str] = _scalars(value, place, reading)
    if len(found) > EXTRA_PARAMS:
        reading.say(
            codes.TOO_MANY,
            place,
            what="parameters of the authorization endpoint",
            limit=EXTRA_PARAMS,
            number=len(found),
        )
    return found


def _timeout(value: Any, place: int, reading: Reading) -> int | None:
    number = seconds(value, place, reading)
    if number is not None and number < 1:
        reading.say(codes.MUST_BE, place, wanted="a duration from 1s on")
        return None
    return number


def _secret(value: Any, place: int, reading: Reading) -> None:
    """Looked at and not kept: what nobody holds, nobody prints."""
    if value.__class__ is not str or not value:
        reading.say(codes.MUST_BE, place, wanted="a text that is not empty")


_some = _text("a text that is not empty")
_url_text = _text("an https URL", _URL)


def _url(value: Any, place: int, reading: Reading) -> str | None:
    """An https URL. One with a password is refused, and its line is not shown."""
    if value.__class__ is str and _USER_INFO.match(value):
        span = reading.sources.span(place)
        if span is not None:
            hidden = Source(span.source.name, "", private=True)
            span = span._replace(source=hidden)
        reading.report.add(
            codes.MUST_BE,
            span,
            service=reading.service,
            path="".join(reading.path).lstrip("."),
            wanted="an https URL without a user or a password in it",
        )
        return None
    return _url_text(value, place, reading)  # type: ignore[no-any-return]


_SHARED: dict[str, tuple[str, Reader]] = {
    "scope": ("Scope", _some),
    "session_timeout": ("SessionTimeout", _timeout),
    "session_cookie": ("SessionCookieName", _text("the name of a cookie", _COOKIE)),
    "unauthenticated": ("OnUnauthenticatedRequest", choice("authenticate", "allow", "deny")),
    "extra_params": ("AuthenticationRequestExtraParams", _extra_params),
}
_OIDC: dict[str, tuple[str, Reader]] = {
    "issuer": ("Issuer", _url),
    "authorization_endpoint": ("AuthorizationEndpoint", _url),
    "token_endpoint": ("TokenEndpoint", _url),
    "user_info_endpoint": ("UserInfoEndpoint", _url),
    "client_id": ("ClientId", _some),
    **_SHARED,
}
_COGNITO: dict[str, tuple[str, Reader]] = {
    "user_pool_arn": ("UserPoolArn", _text("the ARN of a Cognito user pool", _USER_POOL)),
    "user_pool_client_id": ("UserPoolClientId", _some),
    "user_pool_domain": ("UserPoolDomain", _some),
    **_SHARED,
}


def _login(kind: str, fields: Mapping[str, tuple[str, Reader]], required: int) -> Reader:
    """A login of a kind, whose first `required` fields must be there."""
    readers = {key: reader for key, (_, reader) in fields.items()}
    if kind == "oidc":
        readers["client_secret"] = _secret
    read_fields = record(dict, readers, required=tuple(fields)[:required], extensions=False)

    def read(value: Any, place: int, reading: Reading) -> Login | None:
        found = read_fields(value, place, reading)
        if not found:
            return None
        config = {name: found[key] for key, (name, _) in fields.items() if key in found}
        title = config.get("Issuer", "").removeprefix("https://").rstrip("/")
        if kind == "cognito":
            title = f"Cognito ({config.get('UserPoolDomain')})"
        return Login(kind, config, title, place, value.keys_at.get("client_secret", 0))

    return read


_KINDS: dict[str, Reader] = {
    "oidc": _login("oidc", _OIDC, 5),
    "cognito": _login("cognito", _COGNITO, 3),
}
_access = record(dict, {"cidrs": _cidrs, **_KINDS}, extensions=False)
_auth = record(dict, _KINDS, extensions=False)


def _one_login(found: Mapping[str, Any] | None, value: Any, reading: Reading) -> Login | None:
    if "oidc" in value and "cognito" in value:
        place = value.keys_at["cognito"]
        reading.say(codes.CONTRADICTION, place, first="oidc", second="cognito")
    login: Login | None = (found or {}).get("oidc") or (found or {}).get("cognito")
    return login


def read_access(value: Any, place: int, reading: Reading) -> Access | None:
    """`public`, or a mapping with address ranges, a login, or both."""
    if value == "public":
        return Access(public=True)
    if not isinstance(value, Map) or not value:
        wanted = "public, or a mapping with cidrs, oidc or cognito"
        reading.say(codes.MUST_BE, place, wanted=wanted)
        return None
    found = _access(value, place, reading)
    login = _one_login(found, value, reading)
    return Access(False, found.get("cidrs", ()), login)


def read_auth(value: Any, place: int, reading: Reading) -> Login | bool | None:
    """False for no login whatever the project says, else a mapping with oidc or cognito."""
    if value is False:
        return False
    if not isinstance(value, Map) or not value:
        reading.say(codes.MUST_BE, place, wanted="false, or a mapping with oidc or cognito")
        return None
    return _one_login(_auth(value, place, reading), value, reading)


# ---------------------------------------------------------------------------- redirects, rewrites


def _redirect_port(value: Any, place: int, reading: Reading) -> str | None:
    if value == "#{port}":
        return "#{port}"
    number = _port(value, place, reading)
    return None if number is None else str(number)


def _redirect_protocol(value: Any, place: int, reading: Reading) -> str | None:
    found: str | None = _protocol(value, place, reading)
    return found if found is None or found.startswith("#") else found.upper()


_port = whole(1, 65535)
_protocol = choice("http", "https", "HTTP", "HTTPS", "#{protocol}")
_redirect = record(
    Redirect,
    {
        "host": _text("a host of 1 to 128 characters", high=128),
        "path": _text(
            "a path of at most 128 characters that starts with /", re.compile("/.*"), high=128
        ),
        "port": _redirect_port,
        "protocol": _redirect_protocol,
        "query": _text("a query of at most 128 characters", low=0, high=128),
        "status": whole(301, 302),
    },
    extensions=False,
)


def read_redirect(value: Any, place: int, reading: Reading) -> Redirect | None:
    """A redirect that says where to go: host, path, port, protocol, or several of them."""
    found: Redirect | None = _redirect(value, place, reading)
    if isinstance(value, Map) and not value.keys() & {"host", "path", "port", "protocol"}:
        reading.say(codes.MUST_BE, place, wanted="given a host, path, port or protocol to go to")
    return found


def _regex(value: Any, place: int, reading: Reading) -> str | None:
    text = _regex_text(value, place, reading)
    if text is None:
        return None
    try:
        re.compile(_NAMED.sub("(?P<", text))
    except re.error as error:
        reading.say(codes.BAD_REGEX, place, reason=error.msg)
        return None
    lacking = _LACKING.search(_CLASS.sub("x", text))
    if lacking is not None:
        reading.say(codes.BAD_REGEX, place, reason=f"load balancers know no {lacking[0]!r}")
        return None
    return text  # type: ignore[no-any-return]


_regex_text = _text("an expression of 1 to 1024 characters", high=1024)
_PAIR: dict[str, Reader] = {
    "regex": _regex,
    "replace": _text("a text of at most 1024 characters", low=0, high=1024),
}
_pair_fields = record(dict, _PAIR, required=("regex", "replace"), extensions=False)


def _pair(value: Any, place: int, reading: Reading) -> tuple[str, str] | None:
    found = _pair_fields(value, place, reading)
    if not found or len(found) < 2:
        return None
    regex, replace = found["regex"], found["replace"]
    groups = re.compile(_NAMED.sub("(?P<", regex)).groups
    for number in re.findall(r"\$([0-9]+)", replace):
        if int(number) > groups:
            reading.say(
                codes.BAD_REGEX,
                value.at["replace"],
                reason=f"${number} is used, but the expression has {groups} groups",
            )
            return None
    return regex, replace


_rewrite = record(Rewrite, {"path": _pair, "host": _pair}, extensions=False)


def read_rewrite(value: Any, place: int, reading: Reading) -> Rewrite | None:
    """`{regex, replace}` for the path, or one of these for `path`, for `host` or for each."""
    if not isinstance(value, Map) or not value:
        wanted = "a mapping: {regex: ..., replace: ...}, or one for path and one for host"
        reading.say(codes.MUST_BE, place, wanted=wanted)
        return None
    if "regex" not in value and "replace" not in value:
        return _rewrite(value, place, reading)  # type: ignore[no-any-return]
    both = next((key for key in ("path", "host") if key in value), None)
    if both is not None:
        reading.say(codes.CONTRADICTION, value.keys_at[both], first="regex", second=both)
        return None
    pair = _pair(value, place, reading)
    return None if pair is None else Rewrite(path=pair)


# ---------------------------------------------------------------------------- elsewhere

read_load_balancer = record(
    LoadBalancer,
    {
        "name": _text(
            "a name of 1 to 32 letters, digits and hyphens, with no hyphen at either end",
            _BALANCER,
        ),
        "port": _port,
    },
    required=("name",),
    extensions=False,
)


def read_external(value: Any, place: int, reading: Reading) -> str | None:
    """An address `host:port`, an IPv6 address in brackets."""
    text = string(value, place, reading)
    if text is None:
        return None
    found = _HOST_PORT.fullmatch(text)
    if found is None or int(found[3]) > 65535:
        reading.say(codes.MUST_BE, place, wanted="host:port, such as db.internal:5432")
        return None
    return text
