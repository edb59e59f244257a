"""Every format that can be imported, and which one a file is of: content decides, not its name.

The order matters: the first that recognises a file has it, so the particular stand before the
general.
"""

from typing import Final

from tasktrail.formats.aider import AIDER_ANALYTICS, AIDER_HISTORY
from tasktrail.formats.api_call_lines import API_CALL_LINES
from tasktrail.formats.claude_stream import CLAUDE_STREAM, CLAUDE_STREAM_DOCUMENT
from tasktrail.formats.claude_transcript import CLAUDE_TRANSCRIPT
from tasktrail.formats.codex_rollout import CODEX_ROLLOUT
from tasktrail.formats.coordinator_files import COORDINATOR_PROMPT, COORDINATOR_QUEUE
from tasktrail.formats.emitter_lines import EMITTER_LINES
from tasktrail.formats.gemini_chat import GEMINI_CHAT, GEMINI_LINES
from tasktrail.formats.inspect_ai import INSPECT_AI
from tasktrail.formats.openhands import OPENHANDS_EVENTS, OPENHANDS_RESULTS
from tasktrail.formats.swe_agent import SWE_AGENT
from tasktrail.formats.task_directories import TASK_DIRECTORY
from tasktrail.formats.translator import Format, Head, Source

FORMATS: Final[tuple[Format, ...]] = (
    TASK_DIRECTORY,
    COORDINATOR_QUEUE,
    COORDINATOR_PROMPT,
    CLAUDE_TRANSCRIPT,
    CODEX_ROLLOUT,
    GEMINI_CHAT,
    GEMINI_LINES,
    INSPECT_AI,
    OPENHANDS_RESULTS,
    OPENHANDS_EVENTS,
    SWE_AGENT,
    API_CALL_LINES,
    AIDER_ANALYTICS,
    EMITTER_LINES,
    CLAUDE_STREAM,
    CLAUDE_STREAM_DOCUMENT,
    AIDER_HISTORY,
)


def recognise(source: Source, head: Head) -> Format | None:
    """The file's format, `None` when it is none of ours."""
    return next((one for one in FORMATS if one.recognises(source, head)), None)


def format_named(name: str) -> Format | None:
    """The format of that name."""
    return next((one for one in FORMATS if one.name == name), None)
