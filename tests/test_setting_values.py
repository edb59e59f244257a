"""How the values of settings are written."""

from pathlib import Path

import pytest

from tasktrail.setting_values import (
    address_of,
    names_of,
    one_of,
    path_of,
    size_of,
    unknown_names,
    whole_number,
    without_password,
)


def test_values_are_read_as_people_write_them() -> None:
    """Units, blanks and any case."""
    assert size_of("64 MiB") == 64 << 20
    assert names_of(" a, b,,") == ("a", "b")
    assert one_of("off", "acked")("ACKED") == "acked"
    assert path_of("~/x") == Path("~/x").expanduser()
    assert address_of("redis")("redis://h/0/") == "redis://h/0"
    assert whole_number(1, 9)("7") == 7


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (size_of, "0"),
        (size_of, "1 TB"),
        (names_of, " , "),
        (one_of("off"), "on"),
        (address_of("http"), "ftp://x"),
        (address_of("http"), "http://"),  # what is left where a variable is empty
        (whole_number(1, 9), "10"),
        (whole_number(1, 9), "\u0661"),  # a digit of another script
    ],
)
def test_what_means_nothing_is_refused(parse: object, text: str) -> None:
    """With what was expected."""
    assert callable(parse)
    with pytest.raises(ValueError, match=r".+"):
        parse(text)


def test_a_password_is_never_shown() -> None:
    """The rest of an address is."""
    assert without_password("redis://u:secret@h:1/0") == "redis://u:***@h:1/0"
    assert without_password("redis://h:1/0") == "redis://h:1/0"


def test_unknown_names_are_told_with_a_guess() -> None:
    """Only names with our prefix can be meant for us."""
    (sentence,) = unknown_names(["TASKTRAIL_DATE", "HOME", "TASKTRAIL_WEB"], {"TASKTRAIL_DATA"})

    assert sentence.endswith("did you mean TASKTRAIL_DATA?")
