"""YAML text to plain values that remember where each of them stands, in one pass over the events.

Typing is Compose's own (`scalars`); anchors, aliases and merge keys are resolved here, so that
what comes out holds nothing but Map, Seq and scalars.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import yaml

from compose2ecs.compose.scalars import Timestamp, UnsupportedScalarError, resolve

try:  # the wheels of PyYAML have libyaml inside; a build without it is slower, not different
    from yaml.cyaml import CLoader as _Loader
except ImportError:  # pragma: no cover
    from yaml import Loader as _Loader  # type: ignore[assignment]

MAX_DEPTH = 200
MAX_NODES = 4_000_000

_TAG = "tag:yaml.org,2002:"
_NOTHING: Any = object()
_KINDS: dict[str, tuple[type, ...]] = {
    _TAG + "int": (int,),
    _TAG + "float": (float, int),
    _TAG + "bool": (bool,),
    _TAG + "null": (type(None),),
    _TAG + "timestamp": (Timestamp,),
}


class Map(dict[str, Any]):
    """A mapping that knows where its keys (`keys_at`) and values (`at`) stand."""

    __slots__ = ("at", "keys_at", "place", "size", "tags")

    def __init__(self, place: int = 0) -> None:
        self.place = place
        self.keys_at: dict[str, int] = {}
        self.at: dict[str, int] = {}
        self.tags: dict[str, str] | None = None  # key -> !reset or !override
        self.size = 1

    def put(self, key: str, value: Any, key_place: int, place: int) -> None:
        self[key] = value
        self.keys_at[key] = key_place
        self.at[key] = place

    def drop(self, key: str) -> None:
        """Remove a key, if it is there."""
        if key in self:
            del self[key], self.keys_at[key], self.at[key]

    def copy(self) -> Map:
        """A shallow copy, places included."""
        twin = Map(self.place)
        twin.update(self)
        twin.keys_at = dict(self.keys_at)
        twin.at = dict(self.at)
        twin.tags = dict(self.tags) if self.tags else None
        twin.size = self.size
        return twin


class Seq(list[Any]):
    """A list that knows where its entries stand."""

    __slots__ = ("at", "place", "size", "tags")

    def __init__(self, place: int = 0) -> None:
        self.place = place
        self.at: list[int] = []
        self.tags: dict[Any, str] | None = None  # of its items, or of the mapping it was
        self.size = 1

    def put(self, value: Any, place: int) -> None:
        self.append(value)
        self.at.append(place)


class Problem(NamedTuple):
    """What is wrong with the text as YAML; `kind` names the diagnostic."""

    kind: str
    place: int
    detail: str
    related: int = 0


class Document(NamedTuple):
    """One YAML document: its root, where `$` occurs in its strings, and what is wrong with it."""

    root: Any
    place: int
    dollars: list[tuple[Map | Seq, Any]]
    tagged: bool = False  # whether !reset or !override occurs in it


class YamlError(Exception):
    """The text cannot be read at all; `problem` says why and where."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


def read_documents(text: str, base: int, problems: list[Problem]) -> list[Document]:
    """Read every document of a text. Faults one can go on after are put into `problems`.

    `base` is what `Sources.add` gave for the text.
    """
    parser = _Loader(text)
    try:
        return _Reader(parser, base, problems).documents()
    except yaml.YAMLError as error:
        raise YamlError(_syntax_problem(error, text, base)) from None


class _Reader:
    """The state of one pass; a method per document, so that anchors end with it."""

    def __init__(self, parser: Any, base: int, problems: list[Problem]) -> None:
        self.get_event = parser.get_event
        self.base = base
        self.problems = problems
        self.cache: dict[str, Any] = {}

    def documents(self) -> list[Document]:
        found: list[Document] = []
        event: Any
        while True:
            event = self.get_event()
            if type(event) is yaml.DocumentStartEvent:
                if event.version not in (None, (1, 1)):
                    mark: Any = event.start_mark
                    place = self.base + (mark.line << 28) + mark.column
                    self.problems.append(Problem("yaml-version", place, ""))
                found.append(self.document())
            elif type(event) is yaml.StreamEndEvent:
                return found

    def document(self) -> Document:
        get_event, base, cache, problems = self.get_event, self.base, self.cache, self.problems
        scalar_event, alias_event = yaml.ScalarEvent, yaml.AliasEvent
        mapping_start, sequence_start = yaml.MappingStartEvent, yaml.SequenceStartEvent
        mapping_end, sequence_end = yaml.MappingEndEvent, yaml.SequenceEndEvent
        root = Seq()
        current: Any = root  # the Map or Seq that is open
        in_map = False
        key: str | None = None
        key_place = 0
        merging = False
        skipping = False  # the value of a key that was refused
        stack: list[tuple[Map | Seq, bool, str | None, int, bool, bool]] = []
        open_nodes: set[int] = set()
        merges: dict[int, list[tuple[Any, int]]] = {}
        anchors: dict[str, Any] = {}
        anchor_tags: dict[str, str | None] = {}
        dollars: list[tuple[Map | Seq, Any]] = []
        tag: str | None
        tagged = False
        while True:
            event = get_event()
            kind = type(event)
            mark = event.start_mark
            place = base + (mark.line << 28) + mark.column
            tag = None
            size = 1
            if kind is scalar_event:
                text = event.value
                if event.implicit[0]:
                    value = cache.get(text, _NOTHING)
                    if value is _NOTHING:
                        try:
                            value = resolve(text)
                        except UnsupportedScalarError:
                            problems.append(Problem("yaml-not-finite", place, text))
                            value = text
                        cache[text] = value
                elif event.tag is None or event.tag == "!":
                    value = text
                else:
                    value, tag = self.tagged(event, place)
                if event.anchor is not None:
                    anchors[event.anchor] = value
                    anchor_tags[event.anchor] = tag
                if in_map and key is None:
                    if value.__class__ is not str:
                        problems.append(Problem("yaml-key-type", place, text))
                        value, skipping = text, True
                    elif text == "<<" and event.implicit[0]:
                        merging = True
                    if value in current.keys_at or (merging and id(current) in merges):
                        first = merges[id(current)][0][1] if merging else current.keys_at[value]
                        problems.append(Problem("yaml-duplicate-key", place, text, first))
                        skipping, merging = True, False
                    key, key_place = value, place
                    continue
            elif kind is mapping_start or kind is sequence_start:
                if in_map and key is None:
                    raise YamlError(Problem("yaml-key-type", place, "a list or mapping"))
                if len(stack) >= MAX_DEPTH:
                    raise YamlError(Problem("yaml-depth", place, str(MAX_DEPTH)))
                stack.append((current, in_map, key, key_place, merging, skipping))
                if event.tag is not None:
                    tag = event.tag if event.tag in ("!reset", "!override") else None
                value = Map(place) if kind is mapping_start else Seq(place)
                if event.anchor is not None:
                    anchors[event.anchor] = value
                    anchor_tags[event.anchor] = tag
                    open_nodes.add(id(value))
                if tag is not None:
                    merges.setdefault(-len(stack), []).append((tag, 0))
                current, in_map, key, merging, skipping = (
                    value,
                    kind is mapping_start,
                    None,
                    False,
                    False,
                )
                continue
            elif kind is mapping_end or kind is sequence_end:
                value = current
                if in_map and id(value) in merges:
                    self.merge(value, merges.pop(id(value)), dollars)
                depth = -len(stack)
                if depth in merges:
                    tag = merges.pop(depth)[0][0]
                open_nodes.discard(id(value))
                current, in_map, key, key_place, merging, skipping = stack.pop()
                size = value.size
                if size > MAX_NODES:
                    raise YamlError(Problem("yaml-too-many-nodes", value.place, f"{MAX_NODES:,}"))
                place = value.place
            elif kind is alias_event:
                if event.anchor not in anchors:
                    raise YamlError(Problem("yaml-unknown-alias", place, event.anchor))
                value = anchors[event.anchor]
                if id(value) in open_nodes:
                    raise YamlError(Problem("yaml-alias-cycle", place, event.anchor, value.place))
                if in_map and key is None:
                    if value.__class__ is not str:
                        raise YamlError(Problem("yaml-key-type", place, event.anchor))
                    key, key_place = value, place
                    continue
                tag = anchor_tags[event.anchor]
                if isinstance(value, (Map, Seq)):
                    size = value.size
            else:  # the end of the document
                break
            # a value is complete: it goes into the container that is open
            if tag is not None:
                tagged = True
            if in_map:
                current.size += size
                if merging:
                    merges.setdefault(id(current), []).append((value, key_place))
                elif not skipping:
                    current[key] = value
                    current.keys_at[key] = key_place
                    current.at[key] = place
                    if tag is not None:
                        if current.tags is None:
                            current.tags = {}
                        current.tags[key] = tag
                    if value.__class__ is str and "$" in value:
                        dollars.append((current, key))
                key, merging, skipping = None, False, False
            else:
                current.size += size
                current.append(value)
                current.at.append(place)
                if tag is not None and current is not root:
                    if current.tags is None:
                        current.tags = {}
                    current.tags[len(current) - 1] = tag
                if value.__class__ is str and "$" in value:
                    dollars.append((current, len(current) - 1))
        if root.size > MAX_NODES:
            raise YamlError(Problem("yaml-too-many-nodes", root.at[0], f"{MAX_NODES:,}"))
        return Document(root[0] if root else None, root.at[0] if root else base, dollars, tagged)

    def tagged(self, event: Any, place: int) -> tuple[Any, str | None]:
        """The value of a scalar with an explicit tag, and the tag if it is one of Compose's own."""
        tag, text = event.tag, event.value
        if tag == _TAG + "str":
            return text, None
        if tag == _TAG + "binary":
            import base64

            try:
                return base64.b64decode(text, validate=False).decode(), None
            except ValueError:  # not base64, not ASCII or not UTF-8
                self.problems.append(Problem("yaml-binary", place, ""))
                return text, None
        kinds = _KINDS.get(tag)
        if kinds is None:
            # any other tag, known or not, makes a string of what stands there
            return text, tag if tag in ("!reset", "!override") else None
        value = text
        try:
            value = resolve(text)
        except UnsupportedScalarError:
            self.problems.append(Problem("yaml-not-finite", place, text))
        else:
            if value.__class__ not in kinds:
                self.problems.append(Problem("yaml-tag", place, tag.replace(_TAG, "!!")))
        return value, None

    def merge(
        self, target: Map, sources: list[tuple[Any, int]], dollars: list[tuple[Map | Seq, Any]]
    ) -> None:
        """Apply the `<<` of a mapping: its own keys win, then the earlier source."""
        value, place = sources[0]
        maps = list(value) if isinstance(value, Seq) else [value]
        for source in maps:
            if not isinstance(source, Map):
                self.problems.append(Problem("yaml-merge", place, ""))
                continue
            for key, tag in (source.tags or {}).items():
                target.tags = target.tags or {}
                target.tags.setdefault(key, tag if key not in target else "!override")
            for key, inherited in source.items():
                if key not in target:
                    target.put(key, inherited, source.keys_at[key], source.at[key])
                    if inherited.__class__ is str and "$" in inherited:
                        dollars.append((target, key))


def _syntax_problem(error: yaml.YAMLError, text: str, base: int) -> Problem:
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        context = f" {error.context}" if error.context else ""
        place = base + (mark.line << 28) + mark.column if mark else base
        return Problem("yaml-syntax", place, _in_words(f"{error.problem}{context}", text, mark))
    if isinstance(error, yaml.reader.ReaderError):
        # a control character: its position counts characters (bytes in libyaml), so find it again
        line = column = 0
        for line, content in enumerate(text.split("\n")):  # noqa: B007
            column = next((i for i, c in enumerate(content) if _forbidden(c)), -1)
            if column >= 0:
                break
        return Problem("yaml-control-character", base + (line << 28) + max(column, 0), "")
    return Problem("yaml-syntax", base, str(error))


def _in_words(complaint: str, text: str, mark: Any) -> str:
    """What libyaml says, and what is most likely behind it."""
    if mark is None:
        return complaint
    lines = text.split("\n")
    rest = lines[mark.line][mark.column :] if mark.line < len(lines) else ""
    if complaint.startswith("found character that cannot start any token"):
        if rest.startswith("\t") or lines[mark.line][: mark.column + 1].strip(" ") == "\t":
            return "a tab, where YAML takes blanks only"
        return f"a value cannot start with {rest[:1]!r}; put it in quotes"
    if complaint.startswith("mapping values are not allowed"):
        return f"{complaint}: is a value with `: ` in it not in quotes, or the indentation wrong?"
    if complaint.startswith("did not find expected key"):
        return f"{complaint}: is the indentation that of the lines around it?"
    if complaint.startswith("did not find expected ',' or"):
        return f"{complaint}: between braces, put ${{...}} and what has a comma or colon in quotes"
    return complaint


def _forbidden(character: str) -> bool:
    code = ord(character)
    return (
        (code < 32 and character not in "\t\r\n")
        or code == 127
        or (0x80 <= code < 0xA0 and code != 0x85)
    )
