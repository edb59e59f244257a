"""However a process ends by itself or is asked to, what it buffered is written."""

import signal
from pathlib import Path

import pytest

from tests.support.job_programs import run_program
from tests.support.outboxes import messages_in

SAY = "import os, signal, sys, tasktrail; c = tasktrail.connect(buffered=True); t = c.task('t')\n"


@pytest.mark.parametrize(
    ("ends", "code"),
    [
        ("pass", 0),
        ("sys.exit(3)", 3),
        ("raise SystemError", 1),
        ("os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM),
        ("os.kill(os.getpid(), signal.SIGINT)", -signal.SIGINT),
    ],
)
def test_what_was_buffered_is_written_at_the_end(tmp_path: Path, ends: str, code: int) -> None:
    """The end itself is as it would have been."""
    outcome = run_program(f"{SAY}t.logger.info('last words')\n{ends}", tmp_path)

    assert outcome.code == code
    assert messages_in(tmp_path) == ["last words"]


def test_a_job_that_handles_the_signal_itself_goes_on(tmp_path: Path) -> None:
    """Its handler is not replaced, and not ours to call."""
    program = (
        f"import signal; signal.signal(signal.SIGTERM, lambda *_: print('mine'))\n{SAY}"
        "t.logger.info('a'); os.kill(os.getpid(), signal.SIGTERM); t.logger.info('b')"
    )
    outcome = run_program(program, tmp_path)

    assert (outcome.code, outcome.out) == (0, "mine\n")
    assert messages_in(tmp_path) == ["a", "b"]


def test_a_signal_in_the_middle_of_writing_waits_for_its_end(tmp_path: Path) -> None:
    """The write that it interrupts is finished, then the process ends as asked."""
    program = f"""{SAY}
o = c._outbox
def write(batch, plain=o._write):
    if b'one' in batch.frames:
        os.kill(os.getpid(), signal.SIGTERM)
    plain(batch)
o._write = write
t.logger.info('one'); t.logger.warning('two')
print('not reached')
"""
    outcome = run_program(program, tmp_path)

    assert (outcome.code, outcome.out) == (-signal.SIGTERM, "")
    assert messages_in(tmp_path) == ["one", "two"]


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_process_of_multiprocessing_ends_well(tmp_path: Path, method: str) -> None:
    """It ends without what is registered at the exit; our own end is run all the same."""
    program = f"""
import multiprocessing, tasktrail
def work(task):
    task.logger.info('from the child')
if __name__ == '__main__':
    with tasktrail.connect(buffered=True) as client, client.task('t') as task:
        child = multiprocessing.get_context('{method}').Process(target=work, args=(task,))
        child.start(); child.join()
"""
    (tmp_path / "job.py").write_text(program)
    outcome = run_program(tmp_path / "job.py", tmp_path)

    assert (outcome.code, outcome.err) == (0, "")
    assert messages_in(tmp_path) == ["from the child"]
