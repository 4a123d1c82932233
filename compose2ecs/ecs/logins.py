"""Logins in front of listener rules, and the secret that stays out of every file.

Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html
and https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AuthenticateOidcActionConfig.html
"""

from __future__ import annotations

from compose2ecs import codes
from compose2ecs.ecs.facts.routing import Login
from compose2ecs.ecs.listener_rules import Rule
from compose2ecs.ecs.model import Ref
from compose2ecs.ecs.scope import Body
from compose2ecs.ecs.target_groups import say_https
from compose2ecs.ecs.work import Work
from compose2ecs.names import digest


def tell_logins(rules: list[Rule], work: Work) -> None:
    """Say once of each login what it needs, and where its client secret is written."""
    told: set[int] = set()
    for rule in rules:
        login = rule.login
        if login is None or login.place in told:
            continue
        if not told:
            say_https("a login", login.place, work)
        told.add(login.place)
        if login.secret_at:
            placeholder = _client_secret(login, work)
            work.say(codes.CLIENT_SECRET, login.secret_at, placeholder=placeholder)


def login_action(login: Login, work: Work) -> Body:
    """The action that comes before what is done with a request."""
    config: Body = dict(login.config)
    if login.kind == "cognito":
        return {"Type": "authenticate-cognito", "AuthenticateCognitoConfig": config}
    config["ClientSecret"] = _client_secret(login, work)
    return {"Type": "authenticate-oidc", "AuthenticateOidcConfig": config}


def _secret_name(login: Login) -> str:
    """What a client secret is called: an issuer may call its client as another does."""
    found = f"{login.client}@{login.title}"
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._-@") else "-" for c in found)
    return plain if plain == found else f"{plain}-{digest(login.client, login.title)}"


def _client_secret(login: Login, work: Work) -> str:
    ref = Ref("client-secret", _secret_name(login), attribute="")
    how = f"what the login at {login.title} calls the secret of the client {login.client}"
    work.placeholders.setdefault(str(ref), how)
    return ref
