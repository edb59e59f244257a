"""What a coordinator tells: its sessions, the tasks it gives out, its workers, what they cost.

Every call is an event, kept and sent like all others of the client, and never raises. A call says
what it names and nothing else, so it erases nothing. The task and session last said for a worker
are remembered here and stand in what is told of it later; of a worker never heard of, only its own
id does. Tokens under a name that is not known are kept, and told on stderr once: nobody counts
them.
"""

import os
import socket
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final, NamedTuple, Protocol
from uuid import uuid4

from tasktrail.model.levels import parse_level
from tasktrail.model.token_names import is_spelling
from tasktrail.sdk.trouble import Trouble

MOST_WORKERS: Final = 10_000  # whose task and session are remembered
STARTS: Final = "active"
TERMINAL: Final = {"completed": "task:completed", "failed": "task:failed"}
WORKER_EVENTS: Final = {"cancelled": "worker:completed"}  # where it is not `worker:` and the status
WORKER_STATUSES: Final = frozenset({"spawned", "completed", "failed"})
CALL_ALIASES: Final = {"tokens_input": "input_tokens", "tokens_output": "output_tokens"}


class Sends(Protocol):
    """The client's way to say something."""

    def send(
        self,
        event_type: str,
        /,
        *,
        task_id: str | None = None,
        data: Mapping[str, object] | None = None,
        durable: bool = False,
        **envelope: object,
    ) -> None:
        """Never raises."""


class Known(NamedTuple):
    """What was last said of a worker."""

    session_id: str | None = None
    task_id: str | None = None


class CoordinatorLog:
    """Sessions, tasks, workers, events and model calls of a coordinator; safe from every thread."""

    def __init__(self, client: Sends) -> None:
        self._client = client
        self._trouble: Trouble = getattr(client, "trouble", None) or Trouble()
        self._lock = threading.Lock()
        self._workers: OrderedDict[str, Known] = OrderedDict()
        self._session: str | None = None  # the one that was started last

    def start_session(
        self,
        config: Mapping[str, object] | None = None,
        git_info: Mapping[str, object] | None = None,
        *,
        session_id: str | None = None,
    ) -> str:
        """The id of a session that begins; `git_info` may have `commit` and `branch`."""
        self._session = name = session_id or f"session-{uuid4().hex}"
        git = git_info or {}
        said = {
            "config": config,
            "git_commit": git.get("commit", git.get("git_commit")),
            "branch": git.get("branch"),
            "pid": os.getpid(),
            "host": socket.gethostname(),
        }
        self._send("session:started", said, session_id=name)
        return name

    def end_session(self, session_id: str, exit_reason: str = "normal") -> None:
        """The session ended: `normal`, `error` or `signal`."""
        self._send("session:ended", {"exit_reason": exit_reason}, session_id=session_id)

    def log_task(
        self,
        session_id: str | None,
        task_id: str,
        status: str,
        *,
        issue_number: int | None = None,
        title: str | None = None,
        pr_number: int | None = None,
        **fields: object,
    ) -> None:
        """A task is detected, pending, active, completed, failed, cancelled or blocked."""
        said = {
            "status": status,
            "issue_number": issue_number,
            "title": title,
            "pr_number": pr_number,
            **fields,
        }
        if status == "failed" and "error" not in fields:
            said["error"] = fields.get("failure_reason")
        event_type = "task:started" if status == STARTS else TERMINAL.get(status, "task:status")
        self._send(event_type, said, task_id=task_id, session_id=session_id)

    def log_worker(  # noqa: PLR0913 - as it is called elsewhere
        self,
        session_id: str | None,
        worker_id: str,
        task_id: str | None,
        status: str,
        *,
        pid: int | None = None,
        exit_code: int | None = None,
        log_file: str | None = None,
        **fields: object,
    ) -> None:
        """A worker was spawned, completed, failed or cancelled; its words stay in `log_file`."""
        known = self._remember(worker_id, session_id, task_id)
        said = {"pid": pid, "exit_code": exit_code, "log_file": log_file, **fields}
        if status not in WORKER_STATUSES:  # kept, and no table takes it for another
            said["status"] = status
        self._send(
            WORKER_EVENTS.get(status, f"worker:{status}"),
            said,
            task_id=known.task_id,
            session_id=known.session_id,
            worker_id=worker_id,
        )

    def log_event(  # noqa: PLR0913, PLR0917 - as it is called elsewhere
        self,
        session_id: str | None,
        event_type: str,
        severity: str | None = None,
        message: str = "",
        context_type: str | None = None,
        context_id: str | None = None,
        details: object = None,
    ) -> None:
        """A decision, a trigger, an error or whatever else; about a task it stands in its trail."""
        if severity and parse_level(severity) is None and not message:
            severity, message = "info", severity  # the severity may be left out
        task_id, worker_id = None, None
        if context_type == "task":
            task_id = context_id
        elif context_type == "worker" and context_id is not None:
            worker_id = context_id
            task_id = self._known(context_id).task_id
        elif context_type == "worktree" and self._is_task(context_id):
            task_id = context_id
        said = {
            "event_type": event_type,
            "severity": severity or "info",
            "message": message,
            "context_type": context_type,
            "context_id": context_id,
            "details": details,
        }
        self._send(
            "coordinator:event",
            said,
            task_id=task_id,
            session_id=session_id or self._session,
            worker_id=worker_id,
        )

    def log_api_call(  # noqa: PLR0913, PLR0917 - as it is called elsewhere
        self,
        worker_id: str | None,
        model: str | None = None,
        tokens_input: int | None = None,
        tokens_output: int | None = None,
        tokens_total: int | None = None,
        estimated_cost_usd: float | None = None,
        duration_ms: float | None = None,
        *,
        success: bool = True,
        session_id: str | None = None,
        task_id: str | None = None,
        timestamp: str | None = None,
        **fields: object,
    ) -> None:
        """A model call of a worker, of its task and session as far as they are known here.

        `fields` may be tokens under their usual names, see docs/costs.md.
        """
        self._look_at(fields)
        known = self._known(worker_id) if worker_id else Known(self._session)
        said = {
            "model": model,
            "tokens_input": tokens_input,
            "tokens_output": tokens_output,
            "tokens_total": tokens_total,
            "estimated_cost_usd": estimated_cost_usd,
            "duration_ms": duration_ms,
            "success": success,
            **fields,
        }
        self._send(
            "task:api_call",
            {CALL_ALIASES.get(name, name): value for name, value in said.items()},
            task_id=task_id or known.task_id,
            session_id=session_id or known.session_id,
            worker_id=worker_id,
            timestamp=timestamp,
        )

    def _send(
        self,
        event_type: str,
        said: Mapping[str, object],
        *,
        task_id: str | None = None,
        **envelope: object,
    ) -> None:
        """What is `None` is not known, and not said."""
        known = {name: value for name, value in envelope.items() if value is not None}
        data = {name: value for name, value in said.items() if value is not None}
        self._client.send(event_type, task_id=task_id, data=data, **known)  # type: ignore[arg-type]

    def _look_at(self, fields: Mapping[str, object]) -> None:
        """Names that promise tokens and that nobody knows are told, each once."""
        for name in fields:
            if not is_spelling(name):
                text = f"log_api_call: {name} is kept, but no tokens are known by that name"
                self._trouble.tell(f"tokens {name}", f"{text}; see docs/costs.md")

    def _known(self, worker_id: str) -> Known:
        with self._lock:
            return self._workers.get(worker_id, Known())

    def _remember(self, worker_id: str, session_id: str | None, task_id: str | None) -> Known:
        """What is known of the worker by now."""
        with self._lock:
            before = self._workers.pop(worker_id, Known())
            known = Known(session_id or before.session_id, task_id or before.task_id)
            self._workers[worker_id] = known
            if len(self._workers) > MOST_WORKERS:
                self._workers.popitem(last=False)
        return known

    def _is_task(self, name: str | None) -> bool:
        """Whether a worker of this coordinator was given a task of that name."""
        with self._lock:
            return any(known.task_id == name for known in self._workers.values())
