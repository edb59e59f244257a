"""Money as people read it.

What is shown may be rounded, and never so that a small amount looks like nothing or like another
one: below a cent every micro-dollar shows, below a dollar four digits, and from there on cents; a
half is rounded up.
"""

from typing import Final

DOLLAR: Final = 1_000_000  # micro-dollars
CENT: Final = 10_000
DIGITS: Final = 6


def money_text(micro_usd: int) -> str:
    """`$1,234.56`, `$0.045`, `$0.00035`."""
    if micro_usd < 0:
        return f"-{money_text(-micro_usd)}"
    if micro_usd < CENT:
        return _text(micro_usd, DIGITS)
    return _text(micro_usd, 4 if micro_usd < DOLLAR else 2)


def exact_text(micro_usd: int) -> str:
    """Every micro-dollar, as where two amounts are compared: `$0.045001`, `$5.00`."""
    return _text(micro_usd, DIGITS)


def _text(micro_usd: int, digits: int) -> str:
    """With so many digits behind the point, but no zeros behind the cents."""
    unit = 10 ** (DIGITS - digits)
    dollars, rest = divmod((micro_usd + unit // 2) // unit, 10**digits)
    behind = f"{rest:0{digits}d}"
    return f"${dollars:,}.{behind[:2]}{behind[2:].rstrip('0')}"
