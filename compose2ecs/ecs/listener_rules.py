"""Endpoints to listener rules: conditions, those who share one, and what is done with a request.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from compose2ecs import codes
from compose2ecs.ecs.endpoints import Endpoint
from compose2ecs.ecs.model import Ref
from compose2ecs.ecs.scope import Body
from compose2ecs.ecs.target_groups import OVER_TLS, group_of, protocol_of
from compose2ecs.ecs.work import Work, upper_tags
from compose2ecs.limits import CONDITION_LENGTH, CONDITION_VALUES, CONDITION_WILDCARDS
from compose2ecs.names import LABEL_MAX, dns_label

if TYPE_CHECKING:
    from compose2ecs.ecs.facts.routing import Login


class Rule(NamedTuple):
    """One listener rule before it has its priority.

    `endpoint` is the one whose route says everything, `sharing` all that get requests by weight.
    `others` are conditions on headers, query and methods, `ranges` the addresses that may come.
    `name` is the file it is written under, `priority` the one that a route asks for.
    """

    name: str
    endpoint: Endpoint
    hosts: tuple[str, ...]
    paths: tuple[str, ...]
    others: list[Body]
    ranges: tuple[str, ...] = ()
    strip: tuple[str, ...] = ()
    login: Login | None = None
    sharing: tuple[Endpoint, ...] = ()
    priority: int | None = None

    @property
    def every_path(self) -> bool:
        """Whether it is for requests of any path."""
        return not self.paths or any(map(is_every_path, self.paths))

    @property
    def place(self) -> int:
        """Where in the file it comes from."""
        route = self.endpoint.route
        return route.place or self.endpoint.service.place


def is_every_path(pattern: str) -> bool:
    """Whether every path matches a pattern; each has a slash in front.

    >>> [is_every_path(text) for text in ("/*", "**", "*/*", "?*", "/**", "/?*", "*/", "/")]
    [True, True, True, True, True, False, False, False]
    """
    rest = pattern.replace("*", "")
    if len(rest) == len(pattern) or rest not in ("", "/", "?"):
        return False
    return rest != "/" or pattern.endswith("*")


def tidy(pattern: str) -> str:
    """The same pattern with the stars of each run of wildcards as one, behind its question marks."""
    found, run = "", ""
    for character in pattern + "\0":
        if character in "*?":
            run += character
            continue
        found += "?" * run.count("?") + "*" * ("*" in run) + character
        run = ""
    return found[:-1]


def where_is(place: int, work: Work) -> str:
    """A place in words."""
    return str(work.sources.span(place) or "by convention")


def find_rules(endpoints: list[Endpoint], work: Work) -> list[Rule]:
    """The rules of these endpoints, in file order; those that share requests have one."""
    plain = [number for number, endpoint in enumerate(endpoints) if _says_nothing(endpoint)]
    # routes that have a weight and nothing else share what one of them gets by convention
    pool = [number for number in plain if endpoints[number].route.weight is not None]
    lead = min(pool, key=lambda number: endpoints[number].rank, default=None)
    leading = [number for number in plain if number not in pool or number == lead]
    main = min(leading, key=lambda number: endpoints[number].rank, default=None)
    taken = any(any(map(is_every_path, e.route.path)) and not e.route.host for e in endpoints)
    rules = [_rule(one, number == main, taken, work) for number, one in enumerate(endpoints)]
    for number, rule in enumerate(rules):
        if lead is not None and number in pool and number != lead:
            first = rules[lead]
            strip = rule.strip if rule.endpoint.route.strip_prefix else first.strip
            rules[number] = rule._replace(hosts=first.hosts, paths=first.paths, strip=strip)
        else:
            _check_rule(rule, work)
    names = {rule.name for rule in rules}
    return [part for rule in _shared(rules, work) for part in _in_parts(rule, names)]


def _says_nothing(endpoint: Endpoint) -> bool:
    """Whether a route leaves it to convention which requests it gets."""
    route = endpoint.route
    return not (
        route.host
        or route.path
        or route.headers
        or route.query
        or route.methods
        or endpoint.redirects
    )


def _rule(endpoint: Endpoint, main: bool, taken: bool, work: Work) -> Rule:
    """What an endpoint is asked for: as its route says, else by convention."""
    route, domain = endpoint.route, work.target.domain
    others = _other_conditions(endpoint)
    hosts, paths = route.host, route.path
    strip: tuple[str, ...] = ()
    if endpoint.redirects and not hosts and not paths and not others:
        work.say(codes.REDIRECT_ANYTHING, endpoint.place, endpoint.service)
    if not hosts and domain:
        hosts = (_host(endpoint, main or bool(paths) or endpoint.redirects, work, domain),)
    elif not hosts and not paths and not others:
        if main and not taken:
            paths = ("/*",)
        else:
            word = endpoint.service.key
            if not endpoint.first:
                word = f"{word}-{endpoint.port}"
            paths, strip = (f"/{word}", f"/{word}/*"), (f"/{word}",)
    if route.strip_prefix:
        strip = _prefixes(endpoint, hosts, paths, work)
    access = work.target.facts.access
    ranges: tuple[str, ...] = access.cidrs if access is not None else ()
    if route.source_ips:
        ranges = _source_ips(endpoint, work)
    login = _login(endpoint, work)
    return Rule(
        endpoint.name,
        endpoint,
        hosts,
        paths,
        others,
        ranges,
        strip,
        login,
        (endpoint,),
        route.priority,
    )


def _login(endpoint: Endpoint, work: Work) -> Login | None:
    """The login in front of an endpoint: its route's, else the project's. None before a redirect,
    which shows nothing, unless its route asks for it."""
    route, access = endpoint.route, work.target.facts.access
    found: Login | None = access.login if access is not None and not endpoint.redirects else None
    if route.auth is not None:
        found = route.auth or None
    protocol = protocol_of(endpoint)
    if found is not None and not endpoint.redirects and protocol in OVER_TLS:
        place = route.written.get("auth", endpoint.place)
        work.say(codes.LOGIN_BEFORE_HTTP2, place, endpoint.service, protocol=protocol)
    return found


def _source_ips(endpoint: Endpoint, work: Work) -> tuple[str, ...]:
    from compose2ecs.ecs.facts.routing import example, network

    found: dict[str, None] = {}
    for address in endpoint.route.source_ips:
        written = network(address)
        if written is None:
            place = endpoint.route.written["source_ips"]
            facts = {"address": address, "example": example(address)}
            work.say(codes.BAD_ROUTE_IP, place, endpoint.service, **facts)
        else:
            found[written] = None
    return tuple(found)


def _host(endpoint: Endpoint, main: bool, work: Work, domain: str) -> str:
    """`<stack>.<domain>` for the main endpoint, `<stack>--<service>.<domain>` for the others."""
    label = work.target.stack
    if not main:
        label = f"{label}--{endpoint.service.key}"
        if not endpoint.first:
            label = f"{label}-{endpoint.port}"
    return f"{dns_label(label)}.{domain.strip('.')}"


def _prefixes(
    endpoint: Endpoint, hosts: tuple[str, ...], paths: tuple[str, ...], work: Work
) -> tuple[str, ...]:
    """What `strip_prefix` takes off: what it names, else the fixed words of each path."""
    route, service = endpoint.route, endpoint.service
    strip = route.strip_prefix
    if isinstance(strip, str):
        prefix = "/" + strip.strip("/")
        reason = "no path of the route begins with it"
        if prefix == "/":
            reason = "every path keeps the slash it begins with"
        if prefix == "/" or (paths and not any(_may_begin(path, prefix) for path in paths)):
            place = route.written["strip_prefix"]
            work.say(codes.STRIP_NEVER, place, service, prefix=strip, reason=reason)
        return (prefix,) if prefix != "/" else ()
    if not paths and hosts:
        paths = ("/" + service.key,)
    found = tuple(filter(None, dict.fromkeys(map(_fixed_words, paths))))
    if not found:
        work.say(codes.STRIP_NOTHING, route.written["strip_prefix"], service)
    return found


def _fixed_words(pattern: str) -> str:
    """What a pattern has in front of its wildcards: whole words, but for one that a last star ends.

    >>> [_fixed_words(text) for text in ("/a/b/*", "/a*", "/a/b?c/*", "/a/b*/c", "/*")]
    ['/a/b', '/a', '/a', '/a', '']
    """
    start = pattern.partition("*")[0].partition("?")[0]
    if start != pattern and pattern != start + "*":
        start = start.rpartition("/")[0]
    return start.rstrip("/")


def _may_begin(pattern: str, prefix: str) -> bool:
    """Whether a path that a pattern matches may begin with a prefix."""
    start = pattern.partition("*")[0].partition("?")[0]
    if start == pattern:
        return f"{start}/".startswith(f"{prefix}/")
    return start.startswith(f"{prefix}/") or f"{prefix}/".startswith(start)


def _other_conditions(endpoint: Endpoint) -> list[Body]:
    route = endpoint.route
    found: list[Body] = []
    for name, values in sorted(route.headers.items()):
        found.append(
            {
                "Field": "http-header",
                "HttpHeaderConfig": {"HttpHeaderName": name, "Values": list(values)},
            }
        )
    if route.query:
        pairs = [{"Key": k, "Value": v} if k is not None else {"Value": v} for k, v in route.query]
        found.append({"Field": "query-string", "QueryStringConfig": {"Values": pairs}})
    if route.methods:
        methods = [method.upper() for method in route.methods]
        found.append(
            {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": methods}}
        )
    return found


# ---------------------------------------------------------------------------- what AWS refuses


def _check_rule(rule: Rule, work: Work) -> None:
    service, route = rule.endpoint.service, rule.endpoint.route
    place = rule.place
    values = [*rule.hosts, *rule.paths, *_texts(rule.others)]
    if len(values) > CONDITION_VALUES:
        work.say(
            codes.TOO_MANY,
            place,
            service,
            path=f"services.{service.key}",
            what="condition values in one listener rule",
            limit=CONDITION_VALUES,
            number=len(values),
        )
    elif len(values) == CONDITION_VALUES and rule.ranges:
        key = "source_ips" if route.source_ips else "access"
        work.say(
            codes.NO_ROOM_FOR_RANGES,
            route.written.get("source_ips", place),
            service,
            number=len(values),
            key=key,
            limit=CONDITION_VALUES,
        )
    for value in values:
        if len(value) > CONDITION_LENGTH:
            work.say(codes.CONDITION_TOO_LONG, place, service, value=value, limit=CONDITION_LENGTH)
    wildcards = sum(value.count("*") + value.count("?") for value in (*rule.hosts, *rule.paths))
    if wildcards > CONDITION_WILDCARDS:
        work.say(
            codes.TOO_MANY,
            place,
            service,
            path=f"services.{service.key}",
            what="wildcards in one listener rule",
            limit=CONDITION_WILDCARDS,
            number=wildcards,
        )
    for host in rule.hosts:
        if reason := host_fault(host):
            at = route.written.get("host", place)
            work.say(codes.BAD_ROUTE_HOST, at, service, host=host, reason=reason)
    for path in rule.paths:
        at = route.written.get("path", place)
        strange = next((character for character in path if character not in _PATH), None)
        if not path.startswith(("/", "*", "?")):
            work.say(codes.BAD_ROUTE_PATH, at, service, route_path=path)
        elif strange is not None:
            facts = {"route_path": path, "character": strange}
            work.say(codes.BAD_ROUTE_PATH_TEXT, at, service, **facts)
    for name in route.headers:
        if name.lower() == "host" or len(name) > 40 or not name.isascii():
            work.say(codes.BAD_ROUTE_HEADER, route.written["headers"], service, header=name)
    for method in route.methods:
        if not method.replace("-", "").replace("_", "").isalpha() or len(method) > 40:
            work.say(codes.BAD_ROUTE_METHOD, route.written["methods"], service, method=method)
    rewrite = None if rule.endpoint.redirects else route.rewrite
    if route.strip_prefix and rewrite is not None and rewrite.path is not None:
        work.say(
            codes.ROUTE_KEYS,
            route.written["strip_prefix"],
            service,
            key="strip_prefix",
            beside="rewrite",
            reason="both change the path",
        )
    if rule.endpoint.redirects and (route.host or route.path or rule.others):
        from compose2ecs.ecs.redirects import check_redirect

        check_redirect(rule, work)


_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_HOST = frozenset(_LETTERS + "-.*?")
_PATH = frozenset(_LETTERS + "_-.$/~\"'@:+&*?")


def host_fault(host: str) -> str | None:
    """Why a rule cannot have a host; None if it can.

    >>> host_fault("*.example.com"), host_fault("a_b.example.com")
    (None, "'_' is no character of host names")
    """
    strange = [character for character in host if character not in _HOST]
    if strange:
        return f"{strange[0]!r} is no character of host names"
    labels = host.split(".")
    if len(labels) < 2 or not labels[-1].isalpha():
        return "it needs a dot, and letters behind the last one"
    for label in labels:
        if len(label) > LABEL_MAX:
            return f"{label!r} is longer than the {LABEL_MAX} characters between two dots"
        if not label:
            return "there is nothing before one of its dots"
    return None


def _texts(conditions: list[Body]) -> list[str]:
    found: list[str] = []
    for condition in conditions:
        for config in condition.values():
            if isinstance(config, dict):
                for value in config["Values"]:
                    found.append(value if isinstance(value, str) else value["Value"])
    return found


# ---------------------------------------------------------------------------- one rule or several


def _shared(rules: list[Rule], work: Work) -> list[Rule]:
    """Of rules with the same conditions the later ones never match, unless all have weights and
    become one."""
    together: dict[str, list[Rule]] = {}
    for rule in rules:
        hosts = sorted({tidy(host.lower()) for host in rule.hosts})
        paths = [] if rule.every_path else sorted({tidy(path) for path in rule.paths})
        others = sorted(map(_normal, rule.others))
        key = repr((hosts, paths, others, sorted(rule.ranges)))
        together.setdefault(key, []).append(rule)
    found: list[Rule] = []
    for same in together.values():
        first, *rest = same
        weighted = all(rule.endpoint.route.weight is not None for rule in same)
        if rest and weighted:
            from compose2ecs.ecs.weights import share

            found.append(share(same, work))
            continue
        found.extend(same)
        for rule in rest:
            service = rule.endpoint.service
            other = first.endpoint.service.key
            where = where_is(first.place, work)
            work.say(codes.SAME_CONDITIONS, rule.place, service, other=other, where=where)
        for rule in same:
            route = rule.endpoint.route
            if route.weight is not None and not rest and not rule.endpoint.redirects:
                work.say(codes.WEIGHT_ALONE, route.written["weight"], rule.endpoint.service)
    return found


def _normal(condition: Body) -> tuple[str, list[str]]:
    """A condition such that those that hold for the same requests are equal: the load balancer
    does not tell upper case from lower in headers and the query."""
    field: str = condition["Field"]
    if field == "http-header":
        config = condition["HttpHeaderConfig"]
        values = {tidy(value.lower()) for value in config["Values"]}
        return f"{field} {config['HttpHeaderName'].lower()}", sorted(values)
    if field == "query-string":
        pairs = condition["QueryStringConfig"]["Values"]
        texts = {repr([tidy(text.lower()) for _, text in sorted(pair.items())]) for pair in pairs}
        return field, sorted(texts)
    return field, sorted(set(condition["HttpRequestMethodConfig"]["Values"]))


def _in_parts(rule: Rule, taken: set[str]) -> list[Rule]:
    """A rule with more address ranges than it has room for, as several: a request that comes from
    one of them matches one of the rules."""
    room = CONDITION_VALUES - len(rule.hosts) - len(rule.paths) - len(_texts(rule.others))
    if len(rule.ranges) <= room or room < 1:
        return [rule]
    parts: list[Rule] = []
    for start in range(0, len(rule.ranges), room):
        name = rule.name
        number = len(parts) + 1
        if parts:
            name = f"{name}-ranges-{number}"
            while name in taken:
                name += "-"
        taken.add(name)
        wanted = rule.priority and rule.priority + len(parts)
        ranges = rule.ranges[start : start + room]
        parts.append(rule._replace(name=name, ranges=ranges, priority=wanted))
    return parts


# ---------------------------------------------------------------------------- bodies


def rule_body(rule: Rule, priority: int, work: Work) -> Body:
    """The request that makes a rule."""
    conditions: list[Body] = []
    if rule.hosts:
        conditions.append(
            {"Field": "host-header", "HostHeaderConfig": {"Values": list(rule.hosts)}}
        )
    if rule.paths:
        conditions.append(
            {"Field": "path-pattern", "PathPatternConfig": {"Values": list(rule.paths)}}
        )
    conditions += rule.others
    if rule.ranges:
        conditions.append({"Field": "source-ip", "SourceIpConfig": {"Values": list(rule.ranges)}})
    body: Body = {
        "ListenerArn": listener(work),
        "Priority": priority,
        "Conditions": conditions,
        "Actions": _actions(rule, work),
    }
    transforms = _transforms(rule)
    if transforms:
        body["Transforms"] = transforms
    service = rule.endpoint.service
    body["Tags"] = upper_tags(work.tags(service.key, work.facts(service).tags))
    return body


def listener(work: Work) -> str:
    """The ARN of the listener, or what stands for it until its load balancer is looked up."""
    balancer = work.target.facts.load_balancer
    if work.target.listener or balancer is None:
        return work.fact("listener")
    if balancer.port is None:
        ref = Ref("listener", balancer.name)
        how = f"the listener of the load balancer {balancer.name}; or --listener"
    else:
        ref = Ref("listener", f"{balancer.name}:{balancer.port}")
        how = f"the listener of the load balancer {balancer.name} on port {balancer.port}"
        how += "; or --listener"
    work.placeholders.setdefault(str(ref), how)
    return ref


def _actions(rule: Rule, work: Work) -> list[Body]:
    if rule.endpoint.redirects:
        from compose2ecs.ecs.redirects import redirect_action

        last = redirect_action(rule.endpoint.route.redirect)
    elif len(rule.sharing) > 1:
        from compose2ecs.ecs.weights import forward_by_weight

        last = forward_by_weight(rule.sharing, work)
    else:
        last = {"Type": "forward", "TargetGroupArn": group_of(rule.endpoint, work)}
    if rule.login is None:
        return [last]
    from compose2ecs.ecs.logins import login_action

    return [{**login_action(rule.login, work), "Order": 1}, {**last, "Order": 2}]


def _transforms(rule: Rule) -> list[Body]:
    rewrite = rule.endpoint.route.rewrite
    found: list[Body] = []
    path: Body | None = None
    if rule.strip:
        # the longest first: the regular expression takes the first that fits
        prefixes = [_escape(prefix) for prefix in sorted(rule.strip, key=len, reverse=True)]
        either = prefixes[0] if len(prefixes) == 1 else f"(?:{'|'.join(prefixes)})"
        # whole words: what only begins like a prefix is left alone
        path = {"Regex": f"^{either}(?:/|$)(.*)$", "Replace": "/$1"}
    if rewrite is not None and rewrite.host is not None:
        config = {"Rewrites": [_rewrite(rewrite.host)]}
        found.append({"Type": "host-header-rewrite", "HostHeaderRewriteConfig": config})
    if rewrite is not None and rewrite.path is not None:
        path = _rewrite(rewrite.path)
    if path is not None:
        found.append({"Type": "url-rewrite", "UrlRewriteConfig": {"Rewrites": [path]}})
    return found


def _rewrite(pair: tuple[str, str]) -> Body:
    return {"Regex": pair[0], "Replace": pair[1]}


def _escape(text: str) -> str:
    return "".join("\\" + c if c in ".+*?()[]{}|^$\\" else c for c in text)
