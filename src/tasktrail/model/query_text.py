r"""The typed form of a filter: `level>=warning source:git "exact phrase" -noise since:-10m`.

    query  = clause { blanks clause }              all clauses must hold
    clause = ["-"] key ":" value { "," value }     one of the values; `*` at its end: begins so
           | "level" (">=" | ">" | "<=" | "<") level
           | "seq" (":" range | ">=" n | …)        range: 5, 100..900, 100.., ..900
           | ("since" | "until") ":" time          -10m, 24h, 7d, or ISO
           | ["-"] (word | '"' phrase '"')         stands in the message, or does not

Text is literal, in any case; a phrase may hold blanks, `\"` and `\\`. A word that looks like a
clause (`std::string`) must be a phrase: a mistyped key is an error that says where, never a search
for something else. A filter and its text say the same, but for the place of a page.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from tasktrail.errors import InvalidFilter, InvalidQuery
from tasktrail.model.entry_filter import FREE_NAMES, NOTHING, EntryFilter, canonical, combined
from tasktrail.model.filter_values import (
    ago_in,
    read_channel,
    read_level,
    read_moment,
    read_seq,
)
from tasktrail.model.levels import LEVELS
from tasktrail.model.times import utc_text

KEYS: Final = {
    "level": "level:warning,error exactly these, level>=warning this and above",
    "source": "component that wrote the entry; source:tool:* all that begin so",
    "stage": "stage",
    "channel": "channel of the trail",
    "type": "event type; type:task:* all that begin so",
    "worker": "worker",
    "job": "job",
    "task": "task",
    "item": "item of a job",
    "execution": "execution of a scheduled job",
    "session": "session",
    "seq": "seq:100..900 a stretch of the trail, seq>=100, seq:5",
    "since": "since:-10m, since:24h or ISO: not before",
    "until": "until:-10m, until:24h or ISO: before",
}
SHORT_NAMES: Final = {
    "type": "event_type",
    "worker": "worker_id",
    "job": "job_id",
    "task": "task_id",
    "execution": "execution_id",
    "session": "session_id",
}
LONG_KEYS: Final = {name: key for key, name in SHORT_NAMES.items()}
MOST_CHARACTERS: Final = 10_000

_KEYED: Final = re.compile(r"(-?)([A-Za-z_]+)(:|>=|<=|>|<)")
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_BARE: Final = re.compile(r"[^\s,\"]+")
_WORD: Final = re.compile(r"\S+")
_REGEX: Final = re.compile(r"/.+/i?")
_EQUATION: Final = re.compile(r"(\w+)(!?==?)")
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_PLAIN: Final = re.compile(r"[^\s\",\-/:<>=\\][^\s\",:<>=\\]*")
_RANGE: Final = re.compile(r"(\d*)\.\.(\d*)")


class Clause(NamedTuple):
    """One clause: where it stands, and what it says."""

    start: int
    end: int
    is_excluded: bool
    key: str  # "" for text
    op: str
    values: tuple[str, ...]
    places: tuple[tuple[int, int], ...] = ()  # where each value stands

    @property
    def span(self) -> tuple[int, int]:
        """Where it stands."""
        return self.start, self.end


class _WholeClauseError(InvalidFilter):
    """Not a value is wrong, but what is said of it."""


def parse_query_text(text: str, *, now: int | None = None) -> EntryFilter:
    """The filter that the text says; raises InvalidQuery with the place of the mistake.

    `now` is what relative times are counted from; without it they are refused.
    """
    if len(text) > MOST_CHARACTERS:
        raise InvalidQuery(f"expected at most {MOST_CHARACTERS:,} characters", text, (0, len(text)))
    wanted = EntryFilter()
    for clause in _clauses(text):
        try:
            wanted = combined(wanted, _meaning(clause, now))
        except InvalidQuery:
            raise
        except _WholeClauseError as error:
            raise InvalidQuery(str(error), text, clause.span) from error
        except InvalidFilter as error:
            raise InvalidQuery(str(error), text, _place_of_mistake(clause, now)) from error
    return wanted


def _place_of_mistake(clause: Clause, now: int | None) -> tuple[int, int]:
    """Where the first value stands that means nothing by itself."""
    for value, place in zip(clause.values, clause.places, strict=False):
        try:
            _meaning(clause._replace(values=(value,)), now)
        except InvalidFilter:
            return place
    return clause.span


def render_query_text(wanted: EntryFilter) -> str:
    """The text that says the filter, in an order of its own, without the place of a page."""
    return " ".join(_rendered(wanted))


def _clauses(text: str) -> Iterator[Clause]:
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        keyed = _KEYED.match(text, at)
        key = keyed[2].lower() if keyed else ""
        if keyed and (keyed[3] == ":" or LONG_KEYS.get(key, key) in KEYS):
            clause = _keyed(text, keyed, LONG_KEYS.get(key, key))
        else:
            clause = _text(text, at)
        yield clause
        at = clause.end


def _keyed(text: str, keyed: re.Match[str], key: str) -> Clause:
    if key not in KEYS:
        known = ", ".join(KEYS)
        message = f"expected one of {known}, found {keyed[2]!r}; a text with a colon needs quotes"
        raise InvalidQuery(message, text, (keyed.start(2), keyed.end(2)))
    values, places, at = list[str](), list[tuple[int, int]](), keyed.end()
    while True:
        start = at
        value, at = _value(text, at, key)
        values.append(value)
        places.append((start, at))
        if at >= len(text) or text[at] != ",":
            break
        at += 1
    if at < len(text) and not text[at].isspace():
        raise InvalidQuery("expected a blank after the quotes", text, (at, at + 1))
    said = key, keyed[3], tuple(values), tuple(places)
    return Clause(keyed.start(), at, bool(keyed[1]), *said)


def _value(text: str, at: int, key: str) -> tuple[str, int]:
    """One value of a key, and where it ends."""
    if text[at : at + 1] == '"':
        found = _QUOTED.match(text, at)
        if found is None:
            raise InvalidQuery("expected closing quotes", text, (at, len(text)))
        value = _ESCAPE.sub(r"\1", found[1])
    else:
        found = _BARE.match(text, at)
        value = found[0] if found else ""
    if not value or found is None:
        raise InvalidQuery(f"{key}: expected a value", text, (at, at + 1))
    return value, found.end()


def _text(text: str, start: int) -> Clause:
    """A word or a phrase."""
    is_excluded = text[start] == "-" and text[start + 1 : start + 2].strip() != ""
    at = start + is_excluded
    if text[at] == '"':
        value, end = _value(text, at, "text")
        return Clause(start, end, is_excluded, "", "", (value,))
    word = _WORD.match(text, at)
    assert word is not None  # noqa: S101 - no blank stands here; for the type checker
    if _REGEX.fullmatch(word[0]):
        message = "expected text: regular expressions are not understood, quotes make it text"
        raise InvalidQuery(message, text, word.span())
    _refuse_equation(text, word)
    return Clause(start, word.end(), is_excluded, "", "", (word[0],))


def _refuse_equation(text: str, word: re.Match[str]) -> None:
    """Nothing; raises InvalidQuery where a key is compared as in other query languages."""
    equation = _EQUATION.match(word[0])
    if equation is None:
        return
    key = LONG_KEYS.get(equation[1].lower(), equation[1].lower())
    if key in KEYS:
        meant = f"-{key}:" if equation[2].startswith("!") else f"{key}:"
        message = f"{equation[1]}: expected `{meant}` and a value; quotes make it text"
        raise InvalidQuery(message, text, (word.start(), word.start() + equation.end()))


def _meaning(clause: Clause, now: int | None) -> EntryFilter:
    """The filter of one clause."""
    if not clause.key:
        name = "without" if clause.is_excluded else "search"
        return EntryFilter(**{name: clause.values})  # type: ignore[arg-type]
    if clause.key == "level":
        return _level(clause)
    if clause.key in {"since", "until"}:
        return _time(clause, now)
    if clause.key == "seq":
        return _seq(clause)
    _expect_op(clause, ":")
    name = SHORT_NAMES.get(clause.key, clause.key)
    values = clause.values
    if name == "channel":
        values = tuple(read_channel(one) for one in values)
    if clause.is_excluded:
        return EntryFilter(excluded=tuple(sorted({(name, one) for one in values})))
    return EntryFilter(**{name: tuple(dict.fromkeys(values))})  # type: ignore[arg-type]


def _level(clause: Clause) -> EntryFilter:
    levels = [read_level(one) for one in clause.values]
    if clause.op == ":":
        if clause.is_excluded:
            return EntryFilter(excluded=tuple(sorted({("level", one) for one in levels})))
        return EntryFilter(level=canonical(levels))
    floor = LEVELS.index(_only(clause, levels))
    op = _OPPOSITE[clause.op] if clause.is_excluded else clause.op
    if op in {">", ">="}:
        floor += op == ">"
        return EntryFilter(min_level=LEVELS[floor]) if floor < len(LEVELS) else NOTHING
    below = LEVELS[: floor + (op == "<=")]
    return EntryFilter(level=canonical(below)) if below else NOTHING


_OPPOSITE: Final = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}


def _time(clause: Clause, now: int | None) -> EntryFilter:
    _expect_op(clause, ":")
    _expect_not_excluded(clause)
    text = _only(clause, list(clause.values))
    ago = ago_in(text)
    said = (f"{clause.key}={ago}",) if ago else ()
    moment = read_moment(text, clause.key, now)
    return EntryFilter(ago=said, **{clause.key: moment})  # type: ignore[arg-type]


def _seq(clause: Clause) -> EntryFilter:
    _expect_not_excluded(clause)
    text = _only(clause, list(clause.values))
    if clause.op != ":":
        return _BOUNDS[clause.op](read_seq(text))
    ends = _RANGE.fullmatch(text)
    if ends is None:
        seq = read_seq(text)
        return EntryFilter(from_seq=seq, to_seq=seq)
    first, last = (read_seq(one) if one else None for one in ends.groups())
    wanted = EntryFilter(from_seq=first, to_seq=last)
    return NOTHING if wanted.is_impossible else wanted


_BOUNDS: Final[dict[str, Callable[[int], EntryFilter]]] = {
    ">=": lambda seq: EntryFilter(from_seq=seq),
    ">": lambda seq: EntryFilter(from_seq=seq + 1),
    "<=": lambda seq: EntryFilter(to_seq=seq),
    "<": lambda seq: EntryFilter(to_seq=seq - 1) if seq else NOTHING,
}


def _only(clause: Clause, values: list[str]) -> str:
    if len(values) > 1:
        raise _WholeClauseError(f"{clause.key}: expected one value, found {len(values)}")
    return values[0]


def _expect_op(clause: Clause, op: str) -> None:
    if clause.op != op:
        raise _WholeClauseError(f"{clause.key}: expected {op!r}, found {clause.op!r}")


def _expect_not_excluded(clause: Clause) -> None:
    if clause.is_excluded:
        reason = "expected what is meant, a stretch cannot be excluded"
        raise _WholeClauseError(f"{clause.key}: {reason}")


def _rendered(wanted: EntryFilter) -> Iterator[str]:
    if wanted.level:
        yield f"level:{','.join(wanted.level)}"
    if wanted.min_level:
        yield f"level>={wanted.min_level}"
    for name in ("channel", *FREE_NAMES):
        if values := getattr(wanted, name):
            yield f"{LONG_KEYS.get(name, name)}:{','.join(map(_written, values))}"
    for name, value in wanted.excluded:
        yield f"-{LONG_KEYS.get(name, name)}:{_written(value)}"
    yield from _rendered_stretch(wanted)
    yield from map(_written, wanted.search)
    yield from (f"-{_written(one)}" for one in wanted.without)


def _rendered_stretch(wanted: EntryFilter) -> Iterator[str]:
    first, last = wanted.from_seq, wanted.to_seq
    if first is not None or last is not None:
        ends = ("" if end is None else str(end) for end in (first, last))
        yield f"seq:{'..'.join(ends)}"
    agos = dict(text.split("=", 1) for text in wanted.ago)
    for name in ("since", "until"):
        moment = getattr(wanted, name)
        if name in agos:
            yield f"{name}:-{agos[name]}"
        elif moment is not None:
            yield f"{name}:{utc_text(moment)}"


def _written(value: str) -> str:
    """The value as it is, where nothing in it could be taken for something else; else in quotes."""
    if _PLAIN.fullmatch(value) and not _KEYED.match(value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
