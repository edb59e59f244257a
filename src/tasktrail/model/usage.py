"""What a model call used: tokens in disjoint buckets, money in integer micro-dollars.

The buckets never overlap: a cached token is not in `input_uncached`, a reasoning token is not in
`output`. What a source does not tell is `None` and stays so; what no call can be (negative amounts,
billions of tokens) counts as not told, so sums of any number of calls fit into 64 bits. Several
tellings of one call fold by the maximum of each figure, in whatever order they come. Knows no
prices.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from msgspec import Raw, Struct
from msgspec.structs import asdict, replace

from tasktrail.model.codec import Fields, number_of, plain_text, text_of
from tasktrail.model.entry import Entry
from tasktrail.model.event import IS_ESTIMATED, Event
from tasktrail.model.token_names import MOST_TOKENS, read_tokens
from tasktrail.model.view import sent_at

MICRO_USD: Final = 1_000_000
MOST_MICRO_USD: Final = 10**12  # of one call: a million dollars
MOST_DIGITS: Final = 40  # of an amount of money as text
BUCKETS: Final = (
    "input_uncached",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "output",
    "reasoning",
)
INPUT_BUCKETS: Final = BUCKETS[:4]
USUAL_TIERS: Final = frozenset({"standard", "default", "auto"})
COSTS: Final = ("cost_usd", "estimated_cost_usd")
FLAGS: Final = ("is_embedded", "is_sidechain", "is_estimated")


class Usage(Struct, frozen=True):
    """Tokens of one call by bucket; `total` where a source tells the sum."""

    input_uncached: int | None = None
    cache_read: int | None = None
    cache_write_5m: int | None = None
    cache_write_1h: int | None = None
    output: int | None = None
    reasoning: int | None = None
    total: int | None = None
    web_searches: int | None = None  # no tokens: what the provider did besides, paid by the piece

    @property
    def known(self) -> list[int]:
        """The buckets that were told."""
        return [amount for name in BUCKETS if (amount := getattr(self, name)) is not None]

    @property
    def input(self) -> int:
        """Every token that went in, cached or not."""
        return sum(getattr(self, name) or 0 for name in INPUT_BUCKETS)

    @property
    def tokens(self) -> int | None:
        """All tokens: of the buckets, or the sum that was told where that is more."""
        if not self.known:
            return self.total
        return max(sum(self.known), self.total or 0)

    @property
    def is_complete(self) -> bool:
        """Whether both ways are told; caches and reasoning are no business of every model."""
        return self.input_uncached is not None and self.output is not None


class ApiCall(Struct, frozen=True):
    """One telling of a model call, or what several come to."""

    call_id: str | None
    model: str | None
    provider: str | None
    at: int  # µs since the epoch: the call's own time
    usage: Usage
    tier: str | None = None  # what else chooses its price: `processing=batch`, `speed=fast`
    reported_micro_usd: int | None = None
    duration_ms: int | None = None
    success: bool | None = None
    is_embedded: bool = False  # a copy inside another transcript
    is_sidechain: bool = False  # told by a conversation beside the main one
    is_estimated: bool = False  # its figures are a floor
    is_undated: bool = False  # its source told no time: `at` is a guess
    unread: str | None = None  # tokens under names that are not known here: `name=12`

    @property
    def is_floor(self) -> bool:
        """Whether the call may have used more than is told."""
        if self.is_estimated or self.unread is not None:
            return True
        return bool(self.usage.known) and not self.usage.is_complete


def read_call(entry: Entry) -> ApiCall:
    """The model call that an entry tells of."""
    data = entry.event.data
    duration = number_of(data.get("duration_ms"))
    flags = {name: True for name in FLAGS if name in data and _is_true(data[name])}
    told, unread = read_tokens(data)
    return ApiCall(
        text_of(data.get("call_id")),
        text_of(data.get("model")),
        text_of(data.get("provider")),
        sent_at(entry.event, entry.recorded_at),
        Usage(**told),
        tier_of(data),
        reported_micro_usd=micro_usd_of(_first(data, COSTS)),
        duration_ms=round(duration) if duration and 0 < duration < MOST_TOKENS else None,
        success=_success(data.get("success")),
        is_undated=is_undated_event(entry.event),
        unread=unread,
        **flags,
    )


def is_undated_event(event: Event) -> bool:
    """Whether its source told no time, so that the one it has is a guess."""
    return _is_true(event.envelope.get(IS_ESTIMATED) or event.data.get(IS_ESTIMATED))


def read_usage(data: Fields) -> Usage:
    """The tokens that the keys tell, in whichever of the known spellings."""
    return Usage(**read_tokens(data)[0])


def tier_of(data: Fields) -> str | None:
    """What besides the model chooses the call's price; `None` for the usual price."""
    tier, speed = text_of(data.get("service_tier")), text_of(data.get("speed"))
    said = []
    if tier is not None and tier.lower() not in USUAL_TIERS:
        said.append(f"{'processing' if tier == 'batch' else 'service_tier'}={tier}")
    if speed is not None and speed.lower() not in USUAL_TIERS:
        said.append(f"speed={speed}")
    return ",".join(said) or None


def micro_usd_of(raw: Raw | None) -> int | None:
    """Dollars as integer micro-dollars, rounded once; `None` for what is no amount."""
    text = text_of(raw)
    if text is None or len(text) > MOST_DIGITS:
        return None
    try:
        dollars = Decimal(text)
    except InvalidOperation:
        return None
    if not dollars.is_finite() or not 0 <= dollars <= MOST_MICRO_USD // MICRO_USD:
        return None
    return round(dollars * MICRO_USD)


def merge_usages(usages: Iterable[Usage]) -> Usage:
    """The maximum of each figure; what nobody tells stays unknown."""
    merged: dict[str, int] = {}
    for usage in usages:
        for name, amount in asdict(usage).items():
            if amount is not None:
                merged[name] = max(amount, merged.get(name, 0))
    return Usage(**merged)


def merge_calls(tellings: Sequence[ApiCall]) -> ApiCall:
    """What the tellings of one call come to; the first is the one that the call belongs to."""
    first = tellings[0]
    if len(tellings) == 1:
        return first
    said = [one.success for one in tellings if one.success is not None]
    return replace(
        first,
        model=_known(one.model for one in tellings),
        provider=_known(one.provider for one in tellings),
        usage=merge_usages(one.usage for one in tellings),
        tier=_known(one.tier for one in tellings),
        reported_micro_usd=_most(one.reported_micro_usd for one in tellings),
        duration_ms=_most(one.duration_ms for one in tellings),
        success=any(said) if said else None,
        is_estimated=all(one.is_estimated for one in tellings),
        is_undated=all(one.is_undated for one in tellings),
        unread=_known(one.unread for one in tellings),
    )


def rest_of(total: Usage, parts: Usage) -> Usage:
    """What the total has beyond the parts, bucket by bucket; the parts may hold more of one.

    Totals tell cache writes in one sum, so both kinds of parts are taken off it.
    """
    writes = (parts.cache_write_5m or 0) + (parts.cache_write_1h or 0)
    answered = (parts.output or 0) + (parts.reasoning or 0)
    taken = {"cache_write_5m": writes, "output": answered}
    left = {
        name: max(0, amount - taken.get(name, getattr(parts, name) or 0))
        for name in BUCKETS
        if (amount := getattr(total, name)) is not None
    }
    return Usage(**left)


def _first(data: Fields, names: Sequence[str]) -> Raw | None:
    """The first of the keys that says something."""
    for name in names:
        if name in data and text_of(data[name]) is not None:
            return data[name]
    return None


def _is_true(raw: Raw | None) -> bool:
    return plain_text(raw).lower() == "true"


def _success(raw: Raw | None) -> bool | None:
    return {"true": True, "false": False, "1": True, "0": False}.get(plain_text(raw).lower())


def _known(texts: Iterable[str | None]) -> str | None:
    return next((text for text in texts if text), None)


def _most(amounts: Iterable[int | None]) -> int | None:
    return max((amount for amount in amounts if amount is not None), default=None)
