"""`tasktrail doctor`: what is wrong or risky with a root and its Redis, and what to do about it."""

from typing import Final

import click

from tasktrail.cli.invocation import Invocation
from tasktrail.cli.ledger import counted
from tasktrail.cli.options import takes_invocation

FINDINGS: Final = 1  # the exit code that says that somebody should act
INDENT: Final = " " * 9


@click.command
@click.option("--redis", metavar="URL", help="The Redis to look at as well.  [REDIS_URL]")
@takes_invocation(asks_root=True)
def doctor(invocation: Invocation, *, redis: str | None) -> int:
    """Look at the data root, its volume, its recorders and its Redis; nothing is changed.

    Every finding comes with advice. Exits with 1 when somebody should act; notes alone are no
    reason to.
    """
    # Looking needs the whole house; other commands must not pay for it.
    from tasktrail.service.doctor import examine, examined_areas  # noqa: PLC0415
    from tasktrail.upkeep.findings import is_trouble, sound_areas  # noqa: PLC0415

    settings = invocation.settings(redis_url=redis)
    findings = examine(settings)
    for finding in findings:
        if invocation.as_json:
            invocation.output.write_json(finding)
            continue
        head = f"{finding.severity:<8} {finding.area}: {finding.message}"
        invocation.output.write_line(head)
        invocation.output.write_line(f"{INDENT}do: {finding.advice}")
    sound = sound_areas(examined_areas(settings), findings)
    if sound:
        invocation.output.say(f"sound: {', '.join(sound)}")
    trouble = sum(map(is_trouble, findings))
    invocation.output.say(f"{counted(trouble, 'finding')} in {settings.data}")
    return FINDINGS if trouble else 0
