"""What AWS has against listener rules: conditions, actions, and rewriting.

Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html,
API_RuleCondition.html, API_Action.html and API_RuleTransform.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from compose2ecs.checks.model import Alone, Among, Bodies, Body, Check, Found
from compose2ecs.checks.stack import group_of, is_port, known, made, targets
from compose2ecs.checks.values import (
    DIGITS,
    LETTERS,
    bad_name,
    listed,
    mapping,
    number,
    objects,
    repeated,
    stray,
    text,
    unknown,
)
from compose2ecs.limits import (
    CONDITION_LENGTH,
    CONDITION_VALUES,
    CONDITION_WILDCARDS,
    PRIORITY_MAX,
)
from compose2ecs.report import ERROR, WARNING

_PORT_MAX = 65535
_WEEK = 604800

# ---------------------------------------------------------------------------- conditions

_CONFIGS = {
    "host-header": "HostHeaderConfig",
    "path-pattern": "PathPatternConfig",
    "http-header": "HttpHeaderConfig",
    "http-request-method": "HttpRequestMethodConfig",
    "query-string": "QueryStringConfig",
    "source-ip": "SourceIpConfig",
}
_ONCE = frozenset(("host-header", "path-pattern", "http-request-method", "source-ip"))
_PLAIN = frozenset(("host-header", "path-pattern"))  # may have their values beside Field
_BY_REGEX = frozenset(("host-header", "path-pattern", "http-header"))
_WILD = frozenset(("host-header", "path-pattern", "http-header", "query-string"))
_HOST = LETTERS + DIGITS + "-.*?"
_PATH = LETTERS + DIGITS + "_-.$/~\"'@:+&*?"
_METHOD = LETTERS[26:] + "-_"
_HEADER = LETTERS + DIGITS + "!#$%&'*+-.^_`|~"
_WORD_MAX = 40
_LABEL_MAX = 63


def _rule(body: Body) -> Found:
    priority = body.get("Priority")
    if isinstance(priority, int) and not 1 <= priority <= PRIORITY_MAX:
        yield "D180", "Priority", f"it is {priority}, and must be 1 to {PRIORITY_MAX}"
    if "Conditions" in body:
        yield from _conditions(body)
    if "Actions" in body:
        yield from _actions(body)
    if "Transforms" in body:
        yield from _transforms(body)


def _conditions(body: Body) -> Found:
    conditions = body.get("Conditions")
    if conditions == []:
        yield "D181", "Conditions", "there is none: only a listener's default has no condition"
    count = wild = 0
    fields = []
    for index, condition in objects(conditions):
        at = f"Conditions[{index}]"
        field = condition.get("Field")
        if not isinstance(field, str) or field not in _CONFIGS:
            if isinstance(field, str) and not unknown(field):
                yield "D346", f"{at}.Field", f"{field!r} is none of {', '.join(_CONFIGS)}"
            continue
        fields.append(field)
        if not _is_usual(condition, field):
            yield from _shape(condition, field, at)
        for path, value in _values(condition, field, at):
            count += 1
            if len(value) > CONDITION_LENGTH:
                said = f"{len(value)} characters, and a value has {CONDITION_LENGTH} at most"
                yield "D181", path, said
            elif ".RegexValues[" in path:
                if groups_of(value) is None:
                    yield "D345", path, f"{value!r} has brackets that do not match"
            else:
                if field in _WILD:
                    wild += value.count("*") + value.count("?")
                if fault := _word(field, value):
                    yield _WORD_IDS[field], path, fault
    if count > CONDITION_VALUES:
        yield "D181", "Conditions", f"{count} values, and a rule has {CONDITION_VALUES} at most"
    if wild > CONDITION_WILDCARDS:
        said = f"{wild} wildcards, and a rule has {CONDITION_WILDCARDS} at most"
        yield "D181", "Conditions", said
    if len(fields) > 1:
        for field in repeated(fields):
            if field in _ONCE:
                yield "D346", "Conditions", f"a rule has one condition on {field}"


def _is_usual(condition: dict[str, Any], field: str) -> bool:
    """Whether a condition has its field and some values, and nothing else."""
    config = condition.get(_CONFIGS[field])
    return (
        len(condition) == 2
        and isinstance(config, dict)
        and len(config) == 1
        and bool(config.get("Values"))
        and field != "query-string"
    )


def _shape(condition: dict[str, Any], field: str, at: str) -> Found:
    """Which members a condition has: those of its field, and values of one kind."""
    own = _CONFIGS[field]
    for key in condition:
        if key.endswith("Config") and key != own:
            yield "D346", f"{at}.{key}", f"it is not for {field}"
    config = mapping(condition.get(own))
    plain, regexes = condition.get("Values"), condition.get("RegexValues")
    if plain and field not in _PLAIN:
        yield "D346", f"{at}.Values", f"{field} has its values in {own}"
    if (plain or regexes) and (config.get("Values") or config.get("RegexValues")):
        yield "D346", f"{at}.{own}", "the condition has values of its own beside it"
    regexes = regexes or config.get("RegexValues")
    if regexes and field not in _BY_REGEX:
        yield "D346", at, f"{field} is not matched by regular expressions"
    elif regexes and (plain or config.get("Values")):
        yield "D346", at, "Values and RegexValues exclude each other"
    elif not (regexes or plain or config.get("Values") or config.get("IpAddressType")):
        yield "D181", at, "it has no value"
    if field == "http-header":
        yield from _header(config, f"{at}.{own}.HttpHeaderName")
    if field == "query-string":
        for index, pair in objects(config.get("Values")):
            if not pair.get("Value"):
                yield "D346", f"{at}.{own}.Values[{index}].Value", "it is empty"


def _header(config: dict[str, Any], at: str) -> Found:
    name = config.get("HttpHeaderName")
    if name is None:
        yield "D336", at, "it names no header"
    elif isinstance(name, str) and (fault := bad_name(name, _WORD_MAX, _HEADER)):
        yield "D336", at, fault
    elif text(name).lower() == "host":
        yield "D336", at, "the Host header has a condition of its own: host-header"


def _values(condition: dict[str, Any], field: str, at: str) -> Iterator[tuple[str, str]]:
    """All values of a condition, each with its path."""
    own = _CONFIGS[field]
    for where, holder in ((at, condition), (f"{at}.{own}", condition.get(own))):
        if not isinstance(holder, dict):
            continue
        for key in ("Values", "RegexValues"):
            for index, value in enumerate(listed(holder.get(key))):
                if isinstance(value, dict):
                    value = f"{text(value.get('Key'))}{text(value.get('Value'))}"
                if isinstance(value, str) and not unknown(value):
                    yield f"{where}.{key}[{index}]", value


def _word(field: str, value: str) -> str:
    """Why a value is none for its field; empty if it is one."""
    if field == "path-pattern":
        found = stray(value, _PATH)
        return f"{value!r} holds {found!r}" if found else ""
    if field == "host-header":
        return _host(value)
    if field == "http-request-method":
        return bad_name(value, _WORD_MAX, _METHOD)
    if field == "source-ip" and not _is_network(value):
        return f"{value!r} is no CIDR, such as 10.0.0.0/8"
    return ""


_WORD_IDS = {
    "host-header": "D182",
    "path-pattern": "D337",
    "http-request-method": "D336",
    "source-ip": "D338",
}


def _host(value: str) -> str:
    """Why a rule cannot have a host name; empty if it can.

    >>> _host("*.example.com"), _host("localhost"), _host("10.0.0.1")
    ('', "'localhost' has no dot", "'10.0.0.1' has other than letters behind its last dot")
    """
    head, dot, tail = value.rpartition(".")
    if not dot:
        return f"{value!r} has no dot"
    if found := stray(value, _HOST):
        return f"{value!r} holds {found!r}"
    if tail.lstrip(LETTERS + "*?") or not tail:
        return f"{value!r} has other than letters behind its last dot"
    if len(value) > _LABEL_MAX and max(map(len, head.split("."))) > _LABEL_MAX:
        return f"{value!r} has a label of more than {_LABEL_MAX} characters"
    return ""


def _is_network(value: str) -> bool:
    import ipaddress

    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return "/" in value


# ---------------------------------------------------------------------------- actions

_LAST = frozenset(("forward", "redirect", "fixed-response"))
_ACTION_CONFIGS = {
    "forward": "ForwardConfig",
    "redirect": "RedirectConfig",
    "fixed-response": "FixedResponseConfig",
    "authenticate-oidc": "AuthenticateOidcConfig",
    "authenticate-cognito": "AuthenticateCognitoConfig",
    "jwt-validation": "JwtValidationConfig",
}
_WEIGHT_MAX = 999
_GROUPS_MAX = 5


def _actions(body: Body) -> Found:
    actions = list(objects(body.get("Actions")))
    if len(actions) == 1 and _is_plain(actions[0][1]):
        return
    last = [index for index, action in actions if text(action.get("Type")) in _LAST]
    if len(last) != 1:
        said = "no action ends it" if not last else f"{len(last)} actions would end it"
        yield "D339", "Actions", f"{said}: one of forward, redirect and fixed-response does"
    elif len(actions) > 1:
        yield from _order(actions, last[0])
    for index, action in actions:
        at = f"Actions[{index}]"
        kind = text(action.get("Type"))
        own = _ACTION_CONFIGS.get(kind, "")
        for key in action:
            if key.endswith("Config") and key != own and own:
                yield "D339", f"{at}.{key}", f"it is not for {kind}"
        if kind == "forward":
            yield from _forward(action, at)
        elif own:
            if own not in action:
                yield "D339", f"{at}.{own}", f"{kind} needs it"
            else:
                yield from _CONFIG_CHECKS[kind](mapping(action[own]), f"{at}.{own}")


def _is_plain(action: dict[str, Any]) -> bool:
    """Whether an action forwards to one target group, as those of most rules do."""
    return (
        len(action) == 2 and action.get("Type") == "forward" and bool(action.get("TargetGroupArn"))
    )


def _order(actions: list[tuple[int, dict[str, Any]]], last: int) -> Found:
    orders = {index: number(action.get("Order")) for index, action in actions}
    for index, action in actions:
        if action.get("Order") is None:
            yield "D339", f"Actions[{index}].Order", "several actions each need it"
    known = {index: order for index, order in orders.items() if order is not None}
    for order in repeated(known.values()):
        yield "D339", "Actions", f"two actions have the order {order}"
    for index, order in known.items():
        if not 1 <= order <= PRIORITY_MAX:
            said = f"it is {order}, and must be 1 to {PRIORITY_MAX}"
            yield "D339", f"Actions[{index}].Order", said
    end = known.get(last)
    if end is not None and end != max(known.values()):
        yield "D339", f"Actions[{last}].Order", "what ends a rule comes last"


def _forward(action: dict[str, Any], at: str) -> Found:
    single, config = action.get("TargetGroupArn"), mapping(action.get("ForwardConfig"))
    groups = list(objects(config.get("TargetGroups")))
    named = [group.get("TargetGroupArn") for _, group in groups]
    if not single and not groups:
        yield "D340", at, "it forwards to no target group"
    elif single and groups and named != [single]:
        yield "D340", f"{at}.TargetGroupArn", "ForwardConfig names other target groups"
    at = f"{at}.ForwardConfig"
    if len(groups) > _GROUPS_MAX:
        said = f"{len(groups)} target groups, and AWS takes {_GROUPS_MAX}"
        yield "D340", f"{at}.TargetGroups", said
    for name in repeated(made(name) for name in named):
        yield "D340", f"{at}.TargetGroups", f"{name} is there twice"
    for index, group in groups:
        weight = number(group.get("Weight"))
        if weight is not None and not 0 <= weight <= _WEIGHT_MAX:
            said = f"it is {weight}, and must be 0 to {_WEIGHT_MAX}"
            yield "D340", f"{at}.TargetGroups[{index}].Weight", said
        elif len(groups) > 1 and group.get("Weight") is None:
            yield "D340", f"{at}.TargetGroups[{index}].Weight", "each of several groups needs it"
    sticky = mapping(config.get("TargetGroupStickinessConfig"))
    seconds = number(sticky.get("DurationSeconds"))
    if sticky.get("Enabled") is True and sticky.get("DurationSeconds") is None:
        yield "D340", f"{at}.TargetGroupStickinessConfig.DurationSeconds", "stickiness needs it"
    elif seconds is not None and not 1 <= seconds <= _WEEK:
        said = f"it is {seconds}, and must be 1 to {_WEEK}"
        yield "D340", f"{at}.TargetGroupStickinessConfig.DurationSeconds", said


_KEYWORDS = ("#{protocol}", "#{host}", "#{port}", "#{path}", "#{query}")
_COMPONENTS = (
    ("Protocol", "#{protocol}"),
    ("Host", "#{host}"),
    ("Port", "#{port}"),
    ("Path", "/#{path}"),
    ("Query", "#{query}"),
)


def _redirect(config: dict[str, Any], at: str) -> Found:
    if all(config.get(key, same) in (same, None) for key, same in _COMPONENTS):
        yield "D187", at, "it leads to itself: it changes no part of the address"
    protocol, port, path = (
        known(config.get("Protocol")),
        known(config.get("Port")),
        config.get("Path"),
    )
    if protocol and protocol not in ("HTTP", "HTTPS", "#{protocol}"):
        yield "D341", f"{at}.Protocol", f"{protocol!r} is none of HTTP, HTTPS, #{{protocol}}"
    if port and port != "#{port}" and not is_port(port):
        yield "D341", f"{at}.Port", f"{port!r} is neither a port nor #{{port}}"
    if known(path) and not known(path).startswith("/"):
        yield "D341", f"{at}.Path", f"{path!r} does not begin with /"
    if text(config.get("Query")).startswith("?"):
        yield "D341", f"{at}.Query", "AWS adds the ? itself"
    for key in ("Host", "Path", "Query"):
        size = len(text(config.get(key)))
        if size > CONDITION_LENGTH:
            yield "D341", f"{at}.{key}", f"{size} characters, and AWS takes {CONDITION_LENGTH}"
    status = known(config.get("StatusCode"))
    if status and status not in ("HTTP_301", "HTTP_302"):
        yield "D341", f"{at}.StatusCode", f"{status!r} is neither HTTP_301 nor HTTP_302"


_CONTENT_TYPES = ("text/plain", "text/css", "text/html") + (
    "application/javascript",
    "application/json",
)
_BODY_MAX = 1024


def _fixed(config: dict[str, Any], at: str) -> Found:
    status, kind = known(config.get("StatusCode")), known(config.get("ContentType"))
    if status and (len(status) != 3 or not status.isdecimal() or status[0] not in "245"):
        yield "D342", f"{at}.StatusCode", f"{status!r} is no code of 2XX, 4XX or 5XX"
    if kind and kind not in _CONTENT_TYPES:
        yield "D342", f"{at}.ContentType", f"{kind!r} is none of {', '.join(_CONTENT_TYPES)}"
    size = len(text(config.get("MessageBody")))
    if size > _BODY_MAX:
        yield "D342", f"{at}.MessageBody", f"{size} characters, and AWS takes {_BODY_MAX}"


_PARAMETERS_MAX = 10


def _oidc(config: dict[str, Any], at: str) -> Found:
    for key in ("Issuer", "AuthorizationEndpoint", "TokenEndpoint", "UserInfoEndpoint"):
        yield from _address(config.get(key), f"{at}.{key}")
    if not config.get("ClientSecret"):
        yield "D343", f"{at}.ClientSecret", "a new rule needs it"
    yield from _session(config, at)


def _cognito(config: dict[str, Any], at: str) -> Found:
    yield from _session(config, at)


def _session(config: dict[str, Any], at: str) -> Found:
    seconds = number(config.get("SessionTimeout"))
    if seconds is not None and not 1 <= seconds <= _WEEK:
        yield "D343", f"{at}.SessionTimeout", f"it is {seconds}, and must be 1 to {_WEEK}"
    extra = len(mapping(config.get("AuthenticationRequestExtraParams")))
    if extra > _PARAMETERS_MAX:
        said = f"{extra} parameters, and AWS takes {_PARAMETERS_MAX}"
        yield "D343", f"{at}.AuthenticationRequestExtraParams", said
    answer = known(config.get("OnUnauthenticatedRequest"))
    if answer and answer not in ("deny", "allow", "authenticate"):
        said = f"{answer!r} is none of deny, allow, authenticate"
        yield "D343", f"{at}.OnUnauthenticatedRequest", said


def _jwt(config: dict[str, Any], at: str) -> Found:
    yield from _address(config.get("JwksEndpoint"), f"{at}.JwksEndpoint")
    for key in ("JwksEndpoint", "Issuer"):
        size = len(text(config.get(key)))
        if size > 256:
            yield "D343", f"{at}.{key}", f"{size} characters, and AWS takes 256"
    claims = len(listed(config.get("AdditionalClaims")))
    if claims > 10:
        yield "D343", f"{at}.AdditionalClaims", f"{claims} claims, and AWS takes 10"


def _address(value: Any, at: str) -> Found:
    address = known(value)
    if address and not address.startswith("https://"):
        yield "D343", at, f"{value!r} is no https address"


_CONFIG_CHECKS = {
    "redirect": _redirect,
    "fixed-response": _fixed,
    "authenticate-oidc": _oidc,
    "authenticate-cognito": _cognito,
    "jwt-validation": _jwt,
}


def _rule_among(body: Body, bodies: Bodies) -> Found:
    """Target groups that one action forwards to have one protocol; GRPC and HTTP2 are forwarded."""
    for index, action in objects(body.get("Actions")):
        if "ForwardConfig" not in action:
            continue
        found = [
            group
            for _, target in targets(action)
            if (group := group_of(target, bodies)) is not None
        ]
        for key in ("Protocol", "ProtocolVersion", "IpAddressType"):
            values = {known(group.get(key)) for group in found} - {""}
            if len(values) > 1:
                said = f"its target groups differ in their {key}: {', '.join(sorted(values))}"
                yield "D340", f"Actions[{index}].ForwardConfig.TargetGroups", said


# ---------------------------------------------------------------------------- transforms

_TRANSFORMS = {
    "host-header-rewrite": "HostHeaderRewriteConfig",
    "url-rewrite": "UrlRewriteConfig",
}
_REGEX_MAX = 1024


def _transforms(body: Body) -> Found:
    kinds = []
    for index, transform in objects(body.get("Transforms")):
        at = f"Transforms[{index}]"
        kind = text(transform.get("Type"))
        own = _TRANSFORMS.get(kind)
        kinds.append(kind)
        if own is None:
            if kind and not unknown(kind):
                yield "D344", f"{at}.Type", f"{kind!r} is none of {', '.join(_TRANSFORMS)}"
            continue
        for key in transform:
            if key in _TRANSFORMS.values() and key != own:
                yield "D344", f"{at}.{key}", f"it is not for {kind}"
        rewrites = list(objects(mapping(transform.get(own)).get("Rewrites")))
        if len(rewrites) != 1 and not isinstance(transform.get(own), str):
            yield "D344", f"{at}.{own}", f"{len(rewrites)} rewrites, and a transform has 1"
        for number_, rewrite in rewrites:
            yield from _rewrite(rewrite, f"{at}.{own}.Rewrites[{number_}]")
    for kind in repeated(kinds):
        yield "D344", "Transforms", f"{kind} is there twice"


def _rewrite(rewrite: dict[str, Any], at: str) -> Found:
    regex, replace = rewrite.get("Regex"), rewrite.get("Replace")
    for key, value in (("Regex", regex), ("Replace", replace)):
        size = len(text(value))
        if size > _REGEX_MAX:
            yield "D344", f"{at}.{key}", f"{size} characters, and AWS takes {_REGEX_MAX}"
    if not isinstance(regex, str) or not isinstance(replace, str) or unknown(regex):
        return
    groups = groups_of(regex)
    wanted = max(_asked(replace), default=0)
    if not regex:
        yield "D344", f"{at}.Regex", "it is empty"
    elif groups is None:
        yield "D344", f"{at}.Regex", f"{regex!r} has brackets that do not match"
    elif wanted > groups:
        said = f"it wants the group ${wanted}, and the expression has {groups}"
        yield "D344", f"{at}.Replace", said


def _asked(replace: str) -> Iterable[int]:
    """The groups that a replacement asks for: `/$1` for the first."""
    return [int(part[0]) for part in replace.split("$")[1:] if part[:1] in DIGITS and part]


def groups_of(regex: str) -> int | None:
    """How many groups an expression has; None if its brackets do not match.

    >>> groups_of("^/a/?(.*)$"), groups_of(r"(?:a|b)(c(d))"), groups_of(r"\\((x)[(]"), groups_of("(")
    (1, 2, 1, None)
    >>> groups_of("a(?:b)"), groups_of("a(?<b>c)"), groups_of(")("), groups_of("[)]"), groups_of("a")
    (0, 1, None, 0, 0)
    """
    opened, closed = regex.find("("), regex.find(")")
    if regex.count("(") == regex.count(")") == 1 and "[" not in regex and "\\" not in regex:
        if opened > closed:
            return None
        return int(regex[opened + 1] != "?" or _is_named(regex, opened))
    count = depth = 0
    inside = -1  # where a class of characters began
    index = 0
    while index < len(regex):
        character = regex[index]
        if character == "\\":
            index += 1
        elif inside >= 0:
            if character == "]" and regex[inside:index] not in ("[", "[^"):
                inside = -1
        elif character == "[":
            inside = index
        elif character == "(":
            depth += 1
            count += regex[index + 1 : index + 2] != "?" or _is_named(regex, index)
        elif character == ")":
            depth -= 1
            if depth < 0:
                return None
        index += 1
    return count if depth == 0 and inside < 0 and index == len(regex) else None


def _is_named(regex: str, index: int) -> bool:
    """Whether the group at an index has a name, and so a number: `(?<a>` but not `(?<=`."""
    start = regex[index + 2 : index + 5]
    return (start[:1] == "<" and start[1:2] not in ("=", "!")) or start[:2] == "P<"


# ---------------------------------------------------------------------------- the table

_API = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_"
_ALB_GUIDE = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/"
_CONDITION = f"{_API}RuleCondition.html"

ROWS: tuple[Check, ...] = (
    Check(
        "D181",
        ERROR,
        "A rule has a condition, 5 values of up to 128 characters, and 5 wildcards at most",
        f"{_ALB_GUIDE}load-balancer-limits.html",
        "make several rules of it",
        "elb",
    ),
    Check(
        "D182",
        ERROR,
        "A host of a rule has a dot and letters behind the last, of A-Z a-z 0-9 - . * ?",
        f"{_API}HostHeaderConditionConfig.html",
        "",
        "elb",
    ),
    Check(
        "D184",
        WARNING,
        "What is routed by a path serves that path",
        f"{_ALB_GUIDE}rule-transforms.html",
        "x-ecs: {route: {strip_prefix: true}} takes the path away",
        "run",
        undecided="which paths a program serves stands in no request",
    ),
    Check(
        "D185",
        ERROR,
        "A load balancer has room for the rules and the target groups",
        f"{_ALB_GUIDE}load-balancer-limits.html",
        "",
        "elb",
        undecided="how many it has already is asked of AWS; D374 counts those of the stack",
    ),
    Check(
        "D186",
        ERROR,
        "Users are authenticated on listeners that have a certificate",
        f"{_ALB_GUIDE}listener-authenticate-users.html",
        "",
        "elb",
        undecided="a rule names its listener, and only AWS knows what that speaks",
    ),
    Check(
        "D187",
        ERROR,
        "A redirect changes a part of the address",
        f"{_API}RedirectActionConfig.html",
        "give it another protocol, host, port, path or query",
        "elb",
    ),
    Check(
        "D346",
        ERROR,
        "A condition has one of six fields, and the configuration of its own, with values of one kind",
        _CONDITION,
        "",
        "elb",
    ),
    Check(
        "D336",
        ERROR,
        "Headers and methods of a rule: up to 40 characters, methods of A-Z - _, no Host header",
        f"{_API}HttpHeaderConditionConfig.html",
        "",
        "elb",
    ),
    Check(
        "D337",
        ERROR,
        "A path of a rule holds A-Z a-z 0-9 and _ - . $ / ~ \" ' @ : + & * ? only",
        _CONDITION,
        "",
        "elb",
    ),
    Check(
        "D338",
        ERROR,
        "Addresses of a rule are networks, such as 10.0.0.0/8",
        f"{_API}SourceIpConditionConfig.html",
        "a single address ends in /32",
        "elb",
    ),
    Check(
        "D339",
        ERROR,
        "A rule ends in one forward, redirect or fixed response; others come before, in their order",
        f"{_API}Action.html",
        "",
        "elb",
    ),
    Check(
        "D340",
        ERROR,
        "A rule forwards to 1 to 5 unlike groups of one protocol, each of several with a weight of 0 to 999",
        f"{_API}ForwardActionConfig.html",
        "",
        "elb",
    ),
    Check(
        "D341",
        ERROR,
        "The parts of a redirect: a known protocol, a port, a path from /, 128 characters, 301 or 302",
        f"{_API}RedirectActionConfig.html",
        "",
        "elb",
    ),
    Check(
        "D342",
        ERROR,
        "A fixed response has a code of 2XX, 4XX or 5XX, a type of five, and 1024 characters at most",
        f"{_API}FixedResponseActionConfig.html",
        "",
        "elb",
    ),
    Check(
        "D343",
        ERROR,
        "Who authenticates users has https addresses and a secret; a session lasts 1 to 604800 s",
        f"{_API}AuthenticateOidcActionConfig.html",
        "",
        "elb",
    ),
    Check(
        "D345",
        ERROR,
        "The regular expressions of a condition have brackets that match",
        f"{_API}RuleCondition.html",
        "",
        "elb",
    ),
    Check(
        "D344",
        ERROR,
        "A rule rewrites host and path once each, by an expression that has the groups that are used",
        f"{_API}RuleTransform.html",
        "",
        "elb",
    ),
)

ALONE: Alone = {"listener-rules": (_rule,)}
AMONG: Among = {"listener-rules": (_rule_among,)}
