"""Which variables hold credentials, by their names and their values.

Names are looked at as words, so that PASSWORD_MIN_LENGTH and TOKEN_TTL are left alone. There are no
regular expressions here: most projects come through, and compiling one costs more than all this.
"""

from __future__ import annotations

from collections.abc import Mapping

_PARTS = ("PASS", "KEY", "SECRET", "TOKEN", "PWD", "CREDENTIAL")
# Words that make a name one of a credential, by themselves or with the word before them.
_WORDS = frozenset(
    ("APIKEY", "AUTHKEY", "CREDENTIAL", "CREDENTIALS", "PASS", "PASSPHRASE", "PASSWD", "PASSWORD")
    + ("PASSWORDS", "PWD", "SECRET", "SECRETKEY", "SECRETS", "TOKEN")
)
_KEYS = frozenset(
    ("ACCESS", "API", "APP", "AUTH", "ENCRYPTION", "JWT", "LICENSE", "MASTER", "PRIVATE")
    + ("SECRET", "SESSION", "SIGNING", "STORAGE")
)
# What comes last where a name is about a credential and holds none.
_ABOUT = frozenset(
    ("ALG", "ALGORITHM", "ARN", "AUDIENCE", "CLASS", "COUNT", "ENABLED", "ENDPOINT", "EXPIRATION")
    + ("EXPIRE", "EXPIRES", "EXPIRY", "FILE", "HEADER", "HOST", "ID", "IN", "ISSUER", "LENGTH")
    + ("LIFETIME", "LIMIT", "MAX", "MIN", "MINUTES", "MODE", "NAME", "PATH", "POLICY", "PORT")
    + ("PREFIX", "REGEX", "REQUIRED", "ROTATION", "ROUNDS", "SECONDS", "SIZE", "TIME", "TIMEOUT")
    + ("TTL", "TYPE", "URI", "URL", "USER", "USERNAME", "VERSION")
)
_PUBLIC = frozenset(("ALLOW", "DISABLE", "ENABLE", "NO", "PUBLIC", "RANDOM", "REQUIRE", "USE"))
_PLAIN = frozenset(("", "0", "1", "FALSE", "NO", "NONE", "NULL", "OFF", "ON", "TRUE", "YES"))
# How tokens begin that tell by it what they are.
_TOKENS = (
    ("AKIA", 20),
    ("ASIA", 20),
    ("AIza", 39),
    ("ghp_", 20),
    ("gho_", 20),
    ("ghu_", 20),
    ("ghs_", 20),
    ("ghr_", 20),
    ("github_pat_", 30),
    ("glpat-", 20),
    ("npm_", 30),
    ("pypi-", 30),
    ("rk_live_", 20),
    ("sk_live_", 20),
    ("xoxa-", 20),
    ("xoxb-", 20),
    ("xoxp-", 20),
)
_STARTS = tuple(start for start, _ in _TOKENS)


def credentials_in(variables: Mapping[str, str]) -> list[str]:
    """The names of the variables that look like credentials.

    >>> credentials_in({"DB_PASSWORD": "x", "TOKEN_TTL": "60", "URL": "amqp://me:x@mq"})
    ['DB_PASSWORD', 'URL']
    """
    return [n for n, value in variables.items() if _in_name(n, value) or _in_value(value)]


def _in_name(name: str, value: str) -> bool:
    upper = name.upper()
    if not any(part in upper for part in _PARTS):
        return False
    if value.strip().upper() in _PLAIN or value.startswith(("/", "./", "arn:")) or "://" in value:
        return False
    words = upper.replace("-", "_").replace(".", "_").split("_")
    if words[-1] in _ABOUT or not _PUBLIC.isdisjoint(words) or upper == "PWD":
        return False
    for at, word in enumerate(words):
        if word in _WORDS or word.endswith(("PASSWORD", "SECRET")):
            return not (word == "TOKEN" and value.isdigit())
        if word == "KEY" and at and words[at - 1] in _KEYS:
            return not value.isdigit()
    return False


def _in_value(value: str) -> bool:
    if value.startswith(_STARTS):
        return any(value.startswith(start) and len(value) >= size for start, size in _TOKENS)
    if "PRIVATE KEY-----" in value:
        return True
    return "://" in value and "@" in value and _has_password(value)


def _has_password(url: str) -> bool:
    """Whether a URL says `user:password@`; what stands for a variable is none."""
    rest = url.partition("://")[2]
    for end in "/?#":
        rest = rest.partition(end)[0]
    user, at, _ = rest.rpartition("@")
    password = user.partition(":")[2]
    return bool(at and password) and password[0] not in "$<{%"
