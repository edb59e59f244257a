"""What formats of whole documents share: reading values of any shape, and saying events of them."""

from collections.abc import Mapping
from typing import Any

from tasktrail.errors import InvalidEvent
from tasktrail.formats.events import Owner, Saying, known, make_event
from tasktrail.formats.records import mend_numbers
from tasktrail.formats.translator import Translated
from tasktrail.model.codec import decode, encode, one_line

Fields = dict[str, Any]


def read_document(blob: bytes) -> Any:  # noqa: ANN401 - JSON is anything
    """The document's value; raises InvalidEvent when it is no JSON, NaN and infinities apart."""
    text = one_line(blob.strip())
    try:
        return decode(text)
    except InvalidEvent:
        mended = mend_numbers(text)
        if mended == text:
            raise
        return decode(mended)


def fields_of(value: object) -> Fields:
    """The object, empty for anything else."""
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> list[Any]:
    """The list, empty for anything else."""
    return value if isinstance(value, list) else []


def text(value: object) -> str | None:
    """The text, if it is one that says something."""
    return value if isinstance(value, str) and value else None


def whole(value: object) -> int | None:
    """The whole number, if it is one."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def number(value: object) -> float | None:
    """The number, if it is one."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number else None  # type: ignore[return-value]


def flat(value: object) -> str:
    """A content as one text: parts are joined, objects are their text or their JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, list):
        return "\n".join(filter(None, map(flat, value)))
    said = fields_of(value).get("text", fields_of(value).get("content"))
    if isinstance(said, str | list):
        return flat(said)
    return encode(value).decode()


class Teller:
    """Events of one document: same owner, same format, identities below one name."""

    def __init__(self, owner: Owner, form: str, scope: str) -> None:
        self.owner = owner
        self.form = form
        self.scope = scope

    def tell(
        self,
        event_type: str,
        name: str,
        fields: Mapping[str, object],
        *,
        record: object = None,
        saying: Saying,
    ) -> Translated:
        """The event; what is `None` in its data is left out, `record` is kept whole."""
        told = known(fields)
        told["format"] = self.form
        if record is not None:
            told["record"] = record
        return make_event(event_type, self.owner, f"{self.scope}:{name}", told, saying=saying)


def is_document(blob: bytes, *words: bytes) -> bool:
    """Whether a document that is one object begins like that and holds all these words."""
    return blob.lstrip()[:1] == b"{" and all(word in blob for word in words)


def check_fields(value: object, expected: str) -> Fields:
    """The object; raises InvalidEvent for anything else."""
    if not isinstance(value, dict):
        raise InvalidEvent(f"expected {expected}, found {type(value).__name__}")
    return value
