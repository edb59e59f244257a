"""What the demo's agents work on: plots of invented tasks, told in the words of a real agent run.

Only content lives here; `demo_stories` turns a plot into events.
"""

from typing import Final, NamedTuple


class Say(NamedTuple):
    """The agent explains what it thinks."""

    text: str


class Tool(NamedTuple):
    """The agent calls a tool and reads what it answers."""

    name: str
    input: dict[str, object]
    result: str
    is_error: bool = False


class Search(NamedTuple):
    """The agent asks the knowledge server; hits are (kind of source, its id, relevance)."""

    query: str
    hits: tuple[tuple[str, str, float], ...]


class Ask(NamedTuple):
    """The agent needs an answer of a person before it goes on."""

    question: str
    answer: str
    kind: str = "clarification"


Beat = Say | Tool | Search | Ask


class Plot(NamedTuple):
    """One task: where it comes from, what is done, how it ends."""

    origin: str  # github, jira, slack or dashboard
    place: str  # repository, project or channel
    title: str
    request: str
    beats: tuple[Beat, ...]
    result: str = ""
    error: str = ""  # a failure that the engine's exception handler reports
    failed: bool = False  # the agent itself says that it could not do it


def bash(command: str, result: str, *, is_error: bool = False) -> Tool:
    """A shell command of the agent."""
    return Tool("Bash", {"command": command}, result, is_error)


def read(path: str, result: str) -> Tool:
    """A file that the agent reads."""
    return Tool("Read", {"file_path": path}, result)


def edit(path: str, old: str, new: str) -> Tool:
    """A change of a file by the agent."""
    change: dict[str, object] = {"file_path": path, "old_string": old, "new_string": new}
    return Tool("Edit", change, f"The file {path} has been updated.")


LOGIN: Final = Plot(
    "github",
    "acme/storefront",
    "Safari users are sent back to the sign-in page",
    "@agent Since last Thursday Safari users end up on the sign-in page again right after "
    "logging in. Chrome is fine. Can you have a look?",
    (
        Say(
            "A login that works in one browser and not in another smells like a cookie attribute. "
            "I will look at how the session cookie is set and what changed on Thursday."
        ),
        bash(
            "git log --oneline --since='8 days ago' -- server/auth",
            "9f31c2e harden session cookie (#812)\n41be07a bump jose to 5.2\n",
        ),
        read(
            "server/auth/session.ts",
            "export function setSession(res: Response, token: string) {\n"
            "  res.cookie('sid', token, { httpOnly: true, secure: true, sameSite: 'strict' })\n}\n",
        ),
        Search(
            "session cookie sameSite identity provider redirect",
            (
                ("code", "acme/storefront:server/auth/callback.ts", 0.91),
                ("jira", "WEB-1180", 0.74),
                ("confluence", "Auth/Single sign-on", 0.63),
            ),
        ),
        Say(
            "`sameSite: 'strict'` came with #812. The identity provider redirects back to us, and "
            "Safari drops a strict cookie on that cross-site navigation; Chrome is more lenient "
            "for two minutes. `lax` is what this flow needs."
        ),
        edit("server/auth/session.ts", "sameSite: 'strict'", "sameSite: 'lax'"),
        bash(
            "npm test -- auth",
            "FAIL  server/auth/session.test.ts\n  ● sets a hardened cookie\n"
            '    Expected: "Strict"\n    Received: "Lax"\n\nTests: 1 failed, 41 passed\n',
            is_error=True,
        ),
        Say(
            "The one failing test spells out the old attribute. I will change it and add one that "
            "walks through the redirect."
        ),
        edit("server/auth/session.test.ts", "'Strict'", "'Lax'"),
        bash("npm test -- auth", "Tests: 43 passed, 43 total\nTime: 6.1 s\n"),
        bash(
            "git commit -qam 'Let the session cookie survive the redirect' && gh pr create --fill",
            "https://github.example/acme/storefront/pull/847\n",
        ),
    ),
    result="Opened #847: the session cookie is `SameSite=Lax` again, so it survives the redirect "
    "from the identity provider. 43 tests pass, one of them new.",
)

VAT: Final = Plot(
    "jira",
    "BILL-2291",
    "Swiss invoices show 7.7 % VAT instead of 8.1 %",
    "Invoices for CH customers still show the 2023 rate. Finance needs this before month end.",
    (
        Say("I will find where the rate is read; a table with validity dates would be best."),
        bash(
            "grep -rn '7\\.7\\|0\\.077' src --include=*.py | head",
            "src/billing/rates.py:31:    'CH': Decimal('0.077'),\n",
        ),
        read(
            "src/billing/rates.py",
            "RATES = {\n    'AT': Decimal('0.20'),\n    'CH': Decimal('0.077'),\n    'DE': Decimal"
            "('0.19'),\n}\n\ndef rate_for(country: str) -> Decimal:\n    return RATES[country]\n",
        ),
        Ask(
            "Credit notes for invoices of 2023 must keep 7.7 %. Should the rate follow the "
            "invoice date or the date of service?",
            "Date of service, please. Credit notes copy the rate of the invoice they refer to.",
        ),
        edit(
            "src/billing/rates.py",
            "    'CH': Decimal('0.077'),",
            "    'CH': Rates(('2018-01-01', '0.077'), ('2024-01-01', '0.081')),",
        ),
        bash(
            "pytest -q tests/billing",
            "..........................................F.......\nE   AssertionError: credit note "
            "CN-118: expected 7.7 %, found 8.1 %\n1 failed, 49 passed in 3.90s\n",
            is_error=True,
        ),
        Say("Credit notes look the rate up again instead of copying it. I will pass the rate on."),
        edit("src/billing/credit_note.py", "rate_for(invoice.country)", "invoice.rate"),
        bash("pytest -q tests/billing", "50 passed in 3.84s\n"),
    ),
    result="Rates now carry the day from which they hold, chosen by date of service. Credit notes "
    "keep the rate of their invoice. 50 tests pass.",
)

PYDANTIC: Final = Plot(
    "github",
    "acme/billing-api",
    "Move from pydantic 1 to 2",
    "Please upgrade pydantic to 2.x and get CI green again.",
    (
        Say("I will run the codemod first and then look at what it leaves behind."),
        bash(
            "pip install -q bump-pydantic && bump-pydantic src",
            "Found 38 files to process.\nRefactored 31 files, 7 unchanged.\n",
        ),
        bash(
            "pytest -q -x",
            "E   pydantic.errors.PydanticUserError: A non-annotated attribute was detected: "
            "`max_items = 50`\n1 error in 1.12s\n",
            is_error=True,
        ),
        edit("src/api/paging.py", "max_items = 50", "max_items: ClassVar[int] = 50"),
        bash(
            "pytest -q",
            "............F..F.....................................\nFAILED tests/test_money.py::"
            "test_rounding\nFAILED tests/test_money.py::test_json\n2 failed, 51 passed in 8.3s\n",
            is_error=True,
        ),
        Say(
            "Both failures come from our own `json_encoders`, which version 2 ignores for "
            "`Decimal`. The vendored `money` package would have to change as well."
        ),
        bash(
            "git apply vendor/patches/money-v2.patch",
            "error: patch failed: vendor/money/types.py:88\n"
            "error: vendor/money/types.py: patch does not apply\n",
            is_error=True,
        ),
        Say(
            "The vendored copy is not the release that the patch was made for, and I must not "
            "change vendored code by hand here."
        ),
    ),
    result="Not finished: vendor/patches/money-v2.patch does not apply to the vendored copy "
    "(types.py:88 differs from release 1.4). 51 of 53 tests pass on branch `pydantic-2`.",
    failed=True,
)

REFUNDS: Final = Plot(
    "slack",
    "C04SUPPORT",
    "How are failed refunds retried?",
    "A customer asks why her refund took five days. How do our retries work?",
    (
        Search(
            "refund retry policy",
            (
                ("confluence", "Payments/Refunds", 0.93),
                ("code", "acme/payments:refunds/retry.py", 0.88),
                ("jira", "PAY-733", 0.71),
                ("slack", "payments/p1738", 0.52),
            ),
        ),
        Tool(
            "mcp__knowledge_search",
            {"query": "refund retry schedule", "top_k": 5},
            "[{'id': 'Payments/Refunds', 'score': 0.93}, {'id': 'PAY-733', 'score': 0.71}]",
        ),
        read("refunds/retry.py", "SCHEDULE = (hours(1), hours(6), days(1), days(2), days(2))\n"),
        Say("Five tries over five days and seven hours; the last one fits what she saw."),
    ),
    result="A refund is tried again after 1 h, 6 h, 1, 2 and 2 days, then goes to a person. Hers "
    "succeeded at the fifth try, which is why it took five days.",
)

THUMBNAILS: Final = Plot(
    "github",
    "acme/media",
    "Thumbnail worker grows to 4 GB and is killed",
    "The thumbnail pods restart about every 3 hours (OOMKilled). Graph attached.",
    (
        Say(
            "Growth that ends in a kill: either something is kept, or something is never closed. "
            "I will run the worker over the sample set and count what stays alive."
        ),
        bash(
            "python -m media.worker --once samples/ && python tools/live_objects.py | head -4",
            "PIL.Image.Image          1204\nbytes                    1198\nJob            "
            "           12\ndict                     4410\n",
        ),
        read(
            "media/worker.py",
            "_preview_cache = {}\n\ndef preview(job):\n    image = Image.open(job.path)\n"
            "    _preview_cache[job.path] = image\n    return image.thumbnail(SIZE)\n",
        ),
        Say(
            "1,204 images for 12 jobs: `_preview_cache` is never emptied, and nobody reads it "
            "any more since the preview page went away in March."
        ),
        edit("media/worker.py", "    _preview_cache[job.path] = image\n", ""),
        bash(
            "pytest -q && python -m media.worker --once samples/ --report-memory",
            "88 passed in 12.40s\npeak 212 MB, at the end 96 MB\n",
        ),
        bash("gh pr create --fill", "https://github.example/acme/media/pull/391\n"),
    ),
    result="Opened #391: the preview cache nobody read is gone. Peak memory over the sample set "
    "went from 3.1 GB to 212 MB.",
)

EXPORT: Final = Plot(
    "dashboard",
    "chat",
    "CSV export loses rows with emoji",
    "Export of customer notes: rows that contain emoji are missing. Please fix and explain.",
    (
        Say("I will reproduce it with three rows before I touch anything."),
        bash("printf 'a\\nb 🎉\\nc\\n' | python -m exports.notes --csv", "note\na\nc\n"),
        read(
            "exports/notes.py",
            "for note in notes:\n    try:\n        out.write(note.text.encode('latin-1'))\n"
            "    except UnicodeEncodeError:\n        continue\n",
        ),
        Ask(
            "The file is written as Latin-1 for an old spreadsheet import. May I switch it to "
            "UTF-8 with a byte order mark?",
            "Yes, nobody uses the old import any more.",
            "approval",
        ),
        edit("exports/notes.py", "note.text.encode('latin-1')", "note.text.encode('utf-8')"),
        bash("pytest -q tests/exports", "17 passed in 0.71s\n"),
    ),
    result="Rows with characters outside Latin-1 were skipped in silence. The export is UTF-8 now "
    "and a row that cannot be written stops it.",
)

RATE_LIMIT: Final = Plot(
    "jira",
    "PLAT-611",
    "429 from the geocoder stops the whole import",
    "One 429 and the import is over. It should slow down instead.",
    (
        Say("The client should honour Retry-After. I will see which HTTP layer it uses."),
        bash(
            "grep -rn 'geocode' importer --include=*.py | head -3",
            "importer/places.py:12:from importer.geocoder import geocode\n"
            "importer/places.py:57:        place.point = geocode(place.address)\n",
        ),
        read(
            "importer/geocoder.py",
            "def geocode(address):\n    answer = session.get(URL, params={'q': address})\n"
            "    answer.raise_for_status()\n    return answer.json()['point']\n",
        ),
        Search(
            "geocoder rate limit contract",
            (
                ("confluence", "Vendors/Geocoder", 0.86),
                ("code", "acme/platform:importer/geocoder.py", 0.79),
            ),
        ),
        Say(
            "The contract says 50 requests a second and Retry-After in seconds. I will write a "
            "small limiter around the session."
        ),
    ),
    error="APIStatusError: 529 overloaded_error: the model was overloaded, gave up after 5 tries",
)

PLOTS: Final = (LOGIN, VAT, PYDANTIC, REFUNDS, THUMBNAILS, EXPORT, RATE_LIMIT)
