"""The grammar of values: small readers that turn a located value into its typed form, or say why not.

A reader takes (value, place, reading) and gives the typed value. On a fault it reports and gives
None: the stage ends with `report.check()`, so nobody builds on that None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from compose2ecs import codes
from compose2ecs.compose.located import Map, Seq
from compose2ecs.compose.model import EMPTY, Bytes, Duration
from compose2ecs.compose.quantity import float32, format_value, parse_bytes, parse_duration
from compose2ecs.compose.scalars import Timestamp
from compose2ecs.report import Code, Report, Sources, source_number

Reader = Callable[[Any, int, "Reading"], Any]


class Home(NamedTuple):
    """What the values of an included or extended file are read with, where it is not the project's
    own: the folder that its relative paths start in, and its variables."""

    directory: str
    lookup: Callable[[str], str | None]


_LARGEST = 2**63 - 1
_TRUTH = {"true": True, "false": False, "y": True, "yes": True, "on": True}
_TRUTH |= {"n": False, "no": False, "off": False}


class Reading:
    """What readers share: where faults go, the path of the value at hand, and the variables."""

    __slots__ = (
        "directory",
        "homes",
        "literal",
        "lookup",
        "path",
        "report",
        "service",
        "sources",
        "step",
    )

    def __init__(
        self,
        report: Report,
        sources: Sources,
        lookup: Callable[[str], str | None] = lambda name: None,
        directory: str = "/",
    ) -> None:
        self.report = report
        self.sources = sources
        self.lookup = lookup
        self.directory = directory
        self.homes: dict[int, Home] = {}  # by the number of the source
        # Compose makes lists unique in services alone; elsewhere a list is what is written.
        self.literal = False
        self.step = False  # whether the value belongs to a `pre_start` step, which has no defaults
        self.path: list[str] = []
        self.service: str | None = None

    def home(self, place: int) -> Home | None:
        """What the file of that place is read with, if it is not what the project is."""
        return self.homes.get(source_number(place)) if self.homes else None

    def directory_at(self, place: int) -> str:
        """The folder in which a relative path of that place starts."""
        home = self.home(place)
        return self.directory if home is None else home.directory

    def variable(self, name: str, place: int) -> str | None:
        """The variable that a name without a value stands for, at that place."""
        home = self.home(place)
        return self.lookup(name) if home is None else home.lookup(name)

    def say(
        self,
        code: Code,
        place: int,
        *,
        related: Iterable[tuple[str, int]] = (),
        **facts: object,
    ) -> None:
        """Report `code` of the value at `place`; {path} is the dotted path of the value at hand."""
        spans = [(text, span) for text, at in related if (span := self.sources.span(at))]
        self.report.add(
            code,
            self.sources.span(place),
            related=spans,
            service=self.service,
            path="".join(self.path).lstrip("."),
            **facts,
        )

    def wrong_type(self, value: Any, place: int, wanted: str) -> None:
        """Say that a value is of the wrong type; a scalar that only wants quotes gets that hint."""
        if value is None:
            self.say(codes.EMPTY_VALUE, place, wanted=wanted)
        elif isinstance(value, (Map, Seq)) or "string" not in wanted:
            self.say(codes.WRONG_TYPE, place, wanted=wanted, found=describe(value))
        else:
            self.say(
                codes.WANTS_QUOTES,
                place,
                wanted=wanted,
                found=describe(value),
                text=format_value(value),
            )


def describe(value: Any) -> str:
    """A value's type in words, for messages; never the value itself, which may be a secret."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, Timestamp):
        return "a date"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, (int, float)):
        return "a number"
    return "a mapping" if isinstance(value, dict) else "a list"


_MANY = 100


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, if one is near enough."""
    import difflib  # 3 ms, and only faults need it

    words = list(known)
    if len(words) > _MANY:  # look closely only at what is alike at a glance
        words = [
            other
            for other in words
            if abs(len(other) - len(word)) <= 2
            and (other[:2] == word[:2] or other[-2:] == word[-2:])
        ][:_MANY]
    found = difflib.get_close_matches(word, words, 1, 0.6)
    return found[0] if found else None


def unknown_key(
    key: str, place: int, reading: Reading, known: Iterable[str], elsewhere: str | None = None
) -> None:
    """Say that a key is unknown, with the key that was probably meant."""
    guess = elsewhere or nearest(key, known)
    if guess:
        reading.say(codes.UNKNOWN_KEY_GUESS, place, key=key, guess=guess)
    elif reading.path and "x-ecs" in "".join(reading.path):
        reading.say(codes.UNKNOWN_KEY_OURS, place, key=key, known=", ".join(known))
    else:
        reading.say(codes.UNKNOWN_KEY, place, key=key)


# ---------------------------------------------------------------------------- scalars


def string(value: Any, place: int, reading: Reading) -> str | None:
    if value.__class__ is str:
        return value
    reading.wrong_type(value, place, "a string")
    return None


def boolean(value: Any, place: int, reading: Reading) -> bool | None:
    """A boolean, or a string that says one (Compose casts it, with a warning unless true/false)."""
    if value.__class__ is bool:
        return value
    if value.__class__ is str and value.lower() in _TRUTH:
        if value not in ("true", "false"):
            truth = str(_TRUTH[value.lower()]).lower()
            reading.say(codes.BOOLEAN_WORD, place, text=value, truth=truth)
        return _TRUTH[value.lower()]
    reading.wrong_type(value, place, "true or false")
    return None


def strict_boolean(value: Any, place: int, reading: Reading) -> bool | None:
    if value.__class__ is bool:
        return value
    reading.wrong_type(value, place, "true or false")
    return None


def integer(value: Any, place: int, reading: Reading) -> int | None:
    """An integer, or a string of one."""
    if value.__class__ is int and -_LARGEST <= value <= _LARGEST:
        return value
    if value.__class__ is str and len(value) <= 20:
        text = value.lstrip("+-")
        if text.isascii() and text.isdigit() and len(value) - len(text) <= 1:
            number = int(value)
            if -_LARGEST <= number <= _LARGEST:
                return number
    if value.__class__ is float and value.is_integer():
        return int(value)
    reading.wrong_type(value, place, "a whole number")
    return None


def strict_integer(value: Any, place: int, reading: Reading) -> int | None:
    """A whole number that is no string."""
    if value.__class__ is int:
        return value
    if value.__class__ is float and value.is_integer():
        return int(value)
    reading.wrong_type(value, place, "a whole number without quotes")
    return None


def natural(value: Any, place: int, reading: Reading) -> int | None:
    """An integer from 0 on."""
    number = integer(value, place, reading)
    if number is not None and number < 0:
        reading.say(codes.NEGATIVE, place, value=number)
        return None
    return number


def whole(low: int, high: int) -> Reader:
    """An integer from `low` to `high`."""

    def read(value: Any, place: int, reading: Reading) -> int | None:
        number = integer(value, place, reading)
        if number is not None and not low <= number <= high:
            reading.say(codes.OUT_OF_RANGE, place, value=number, low=low, high=high)
            return None
        return number

    return read


def decimal(value: Any, place: int, reading: Reading) -> float | None:
    """A number, or a string of one."""
    if value.__class__ in (int, float):
        return float(value)
    if value.__class__ is str and value.isascii() and value.strip() == value and "_" not in value:
        try:
            number = float.fromhex(value) if "x" in value.lower() else float(value)
        except ValueError:
            pass
        else:
            if number == number and abs(number) != float("inf"):
                return number
    reading.wrong_type(value, place, "a number")
    return None


def bare_number(value: Any, place: int, reading: Reading) -> float | None:
    """A number that may not be written as text."""
    if value.__class__ in (int, float):
        return float(value)
    reading.wrong_type(value, place, "a number")
    return None


def small_decimal(value: Any, place: int, reading: Reading) -> float | None:
    """A number that Compose keeps in 32 bits."""
    number = decimal(value, place, reading)
    if number is None or number.is_integer():
        return number
    return float32(number)


def truncated(value: Any, place: int, reading: Reading) -> int | None:
    """A whole number; Compose cuts the fraction off a number that has one."""
    if value.__class__ is float:
        return int(value)
    return integer(value, place, reading)


def number_text(value: Any, place: int, reading: Reading) -> str | None:
    """A string, or a number as text."""
    if value.__class__ is str:
        return value
    if value.__class__ in (int, float):
        return format_value(value)
    reading.wrong_type(value, place, "a string or a number")
    return None


def size(value: Any, place: int, reading: Reading) -> Bytes | None:
    """A size: bytes as an integer, or a string with a unit. Compose drops a bare fraction."""
    if value.__class__ is str:
        try:
            return Bytes(parse_bytes(value))
        except ValueError as error:
            reading.say(codes.BAD_SIZE, place, reason=error)
            return None
    if value.__class__ is int:
        if 0 < value < 4096:
            reading.say(codes.SIZE_IN_BYTES, place, value=value)
        return Bytes(value)
    if value.__class__ is float:
        reading.say(codes.SIZE_DROPPED, place, value=format_value(value))
        return None
    reading.wrong_type(value, place, "a size")
    return None


def whole_size(value: Any, place: int, reading: Reading) -> Bytes | None:
    """A size in whole bytes, or a string with a unit."""
    if value.__class__ is float:
        reading.wrong_type(value, place, "a size in whole bytes, or with a unit")
        return None
    return size(value, place, reading)


def size_text(value: Any, place: int, reading: Reading) -> Bytes | None:
    """A size that must be a string."""
    if value.__class__ is not str:
        reading.wrong_type(value, place, "a string")
        return None
    return size(value, place, reading)


def duration(value: Any, place: int, reading: Reading) -> Duration | None:
    """A length of time; Compose wants a string with a unit."""
    if value.__class__ is not str:
        reading.wrong_type(value, place, "a string")
        return None
    try:
        return Duration(parse_duration(value))
    except ValueError as error:
        reading.say(codes.BAD_DURATION, place, reason=error)
        return None


def choice(*words: str) -> Reader:
    """One of some words."""

    def read(value: Any, place: int, reading: Reading) -> str | None:
        if value.__class__ is str and value in words:
            return value
        if value.__class__ is not str:
            reading.wrong_type(value, place, "a string")
        else:
            guess = nearest(value, words)
            reading.say(
                codes.BAD_CHOICE,
                place,
                value=value,
                choices=", ".join(words),
                guess=f"; did you mean {guess!r}?" if guess else "",
            )
        return None

    return read


def anything(value: Any, place: int, reading: Reading) -> Any:
    """Kept as it is."""
    return value


# ---------------------------------------------------------------------------- lists


def strings(
    *,
    scalar: bool = False,
    integers: bool = False,
    loose: bool = False,
    duplicates: str = "drop",
    mark: str = "",
) -> Reader:
    """A list of strings. `scalar`: one string will do; `integers`: whole numbers become text.
    `loose`: where `reading.literal`, other numbers do too.

    `duplicates`: drop (by the text before `mark`, the later one stays), refuse or keep.
    """

    def read(value: Any, place: int, reading: Reading) -> tuple[str, ...]:
        if value.__class__ is str and scalar:
            return (value,)
        if not isinstance(value, Seq):
            reading.wrong_type(value, place, "a string or a list" if scalar else "a list")
            return ()
        if len(value) == 1 and value[0].__class__ is str:
            return (value[0],)
        found: dict[str, str] = {}
        places: dict[str, int] = {}
        kept: list[str] = []
        for number, item in enumerate(value):
            at = value.at[number]
            if item.__class__ is not str:
                if (integers and item.__class__ is int) or (
                    loose and reading.literal and item.__class__ is float
                ):
                    item = format_value(item)
                else:
                    reading.path.append(f"[{number}]")
                    reading.wrong_type(item, at, "a string")
                    reading.path.pop()
                    continue
            refuse = duplicates == "refuse" or (reading.literal and duplicates == "drop")
            key = item.partition(mark)[0] if mark and not refuse else item
            if refuse:
                key = f"{value[number].__class__} {item}"  # 1 and "1" are not the same here
            if refuse and key in found:
                reading.say(
                    codes.DUPLICATE_ITEM, at, item=item, related=[("first here", places[key])]
                )
            found[key] = item
            places[key] = at
            kept.append(item)
        return tuple(kept if duplicates == "keep" else found.values())

    return read


def items(read_item: Reader, *, scalar: bool = False) -> Reader:
    """A list, each entry read by `read_item`, which may give one value or a list of them."""

    def read(value: Any, place: int, reading: Reading) -> tuple[Any, ...]:
        if not isinstance(value, Seq):
            reading.wrong_type(value, place, "a list")
            return ()
        found: list[Any] = []
        path = reading.path
        for number, item in enumerate(value):
            path.append(f"[{number}]")
            got = read_item(item, value.at[number], reading)
            path.pop()
            if got.__class__ is list:
                found.extend(got)
            elif got is not None:
                found.append(got)
        return tuple(found)

    return read


def unique(values: Iterable[Any], key: Callable[[Any], Any], reading: Reading) -> tuple[Any, ...]:
    """Compose's unicity: a later entry of the same identity takes the earlier one's place."""
    if reading.literal:
        return tuple(values)
    found: dict[Any, Any] = {}
    for value in values:
        found[key(value)] = value
    return tuple(found.values())


# ---------------------------------------------------------------------------- mappings


def pairs(
    *, null: str | None = "", lookup: bool = False, bare: bool = True, exact: bool = False
) -> Reader:
    """A mapping, or a list of KEY=VALUE, of strings; a KEY without a value becomes `null`.

    `lookup`: such a KEY takes its value from the project's variables, and None where they lack it.
    `bare`: such a KEY may stand in a list. `exact`: an entry twice in a list is a fault, as it is
    everywhere where `reading.literal`.
    """

    def read(value: Any, place: int, reading: Reading) -> Mapping[str, str | None]:
        if isinstance(value, Map):
            return _pairs_of_map(value, reading, null, lookup)
        if isinstance(value, Seq):
            if not bare:
                for number, item in enumerate(value):
                    if item.__class__ is str and "=" not in item:
                        reading.say(codes.NO_VALUE, value.at[number], text=item)
            if exact or reading.literal:
                refuse_duplicates(value, reading)
            return _pairs_of_list(value, reading, null, lookup)
        reading.wrong_type(value, place, "a mapping or a list of KEY=VALUE")
        return EMPTY

    return read


def refuse_duplicates(value: Seq, reading: Reading) -> None:
    """Say which entries of a list stand in it twice."""
    for number, item in enumerate(value):
        if item in value[:number]:
            reading.say(codes.DUPLICATE_ITEM, value.at[number], item=item)


def _pairs_of_map(
    value: Map, reading: Reading, null: str | None, lookup: bool
) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    if "" in value:
        reading.say(codes.BAD_NAME, value.keys_at[""], name="")
    for key, item in value.items():
        if item.__class__ is str:
            found[key] = item
        elif item is None:
            found[key] = reading.variable(key, value.at[key]) if lookup else null
        elif isinstance(item, (Map, Seq)):
            reading.path.append(f".{key}")
            reading.wrong_type(item, value.at[key], "a string, number or boolean")
            reading.path.pop()
        else:
            found[key] = format_value(item)
    return found


def _pairs_of_list(
    value: Seq, reading: Reading, null: str | None, lookup: bool
) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for number, item in enumerate(value):
        if item.__class__ is not str:
            reading.path.append(f"[{number}]")
            reading.wrong_type(item, value.at[number], "a string KEY=VALUE")
            reading.path.pop()
            continue
        key, equals, text = item.partition("=")
        if lookup and key != key.rstrip():
            reading.say(codes.KEY_WITH_SPACE, value.at[number], key=key)
        elif equals:
            found[key] = text
        else:
            found[key] = reading.variable(key, value.at[number]) if lookup else null
    return found


def mapping(read_value: Reader, *, null: bool = False, names: bool = False) -> Reader:
    """A mapping with free keys, each value read by `read_value`."""

    def read(value: Any, place: int, reading: Reading) -> Mapping[str, Any]:
        if not isinstance(value, Map):
            reading.wrong_type(value, place, "a mapping")
            return EMPTY
        found: dict[str, Any] = {}
        path = reading.path
        for key, item in value.items():
            path.append(f".{key}")
            if names and not is_name(key):
                reading.say(codes.BAD_NAME, value.keys_at[key], name=key)
            if item is None and null:
                found[key] = None
            else:
                found[key] = read_value(item, value.at[key], reading)
            path.pop()
        return found

    return read


def record(
    make: Callable[..., Any],
    fields: Mapping[str, Reader],
    *,
    required: tuple[str, ...] = (),
    extensions: bool = True,
    rename: Mapping[str, str] = EMPTY,
    defaults: Mapping[str, Any] = EMPTY,
) -> Reader:
    """A mapping with known keys, given to `make` as keywords; `x-` keys go to `extensions`.

    `make` also gets `place` and `written` where its type has those fields, and `defaults` for the
    fields that it needs and a faulty value may lack.
    """
    known = getattr(make, "_fields", ())
    with_place, with_written = "place" in known, "written" in known

    def read(value: Any, place: int, reading: Reading) -> Any:
        if not isinstance(value, Map):
            reading.wrong_type(value, place, "a mapping")
            return None
        found: dict[str, Any] = {}
        extra: dict[str, Any] | None = None
        path = reading.path
        for key, item in value.items():
            reader = fields.get(key)
            if reader is not None:
                path.append("." + key)
                found[rename.get(key, key)] = reader(item, value.at[key], reading)
                path.pop()
            elif extensions and key.startswith("x-"):
                extra = extra or {}
                extra[key] = item
            else:
                unknown_key(key, value.keys_at[key], reading, fields)
        for key in required:
            if key not in value:
                reading.say(codes.MISSING_KEY, value.place, key=key)
        if extra is not None:
            found["extensions"] = extra
        if with_place:
            found["place"] = place
        if with_written:
            found["written"] = value.keys_at
        given = {key: item for key, item in found.items() if item is not None}
        return make(**{**defaults, **given}) if defaults else make(**given)

    return read


def either(text: Reader, other: Reader) -> Reader:
    """A string read by `text`, anything else by `other`."""

    def read(value: Any, place: int, reading: Reading) -> Any:
        return (text if value.__class__ is str else other)(value, place, reading)

    return read


def is_name(key: str) -> bool:
    """Whether a key can name a service, network, volume, secret or config: [a-zA-Z0-9._-]+."""
    return (
        key.isascii()
        and bool(key)
        and key.replace(".", "").replace("_", "").replace("-", "").isalnum()
    ) or (bool(key) and not key.strip("._-"))
