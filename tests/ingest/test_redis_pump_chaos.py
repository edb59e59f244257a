"""Pumps and Redis are killed again and again while a producer adds: everything arrives once."""

import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from tests.support.pumping import STREAM, Pumping
from tests.support.redis_server import RedisServer
from tests.support.waiting import wait_until

KILLS = 15
SEED = 7


class Producer(threading.Thread):
    """Adds numbered entries until told to stop; what Redis does not take is offered again."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._client: Redis = Redis(port=port, protocol=2, decode_responses=True)
        self._stop_told = threading.Event()
        self.added = 0

    def run(self) -> None:
        """One entry after the other."""
        while not self._stop_told.wait(0.0005):
            fields = {"type": "x", "task_id": "t", "data": f'{{"n":{self.added}}}'}
            try:
                self._client.xadd(STREAM, fields)  # type: ignore[arg-type]
            except (RedisError, OSError):
                continue  # whether it was taken is not known: the number may come twice
            self.added += 1
        self._client.close()

    def stop(self) -> None:
        """No more entries come."""
        self._stop_told.set()
        self.join()


@pytest.mark.slow
def test_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    """In order, no gap made up, nothing left pending."""
    dice = random.Random(SEED)  # when to kill whom
    with (
        RedisServer(tmp_path / "redis", appendonly=True) as redis,
        Pumping(tmp_path / "root") as pumping,
    ):
        producer = Producer(redis.port)
        producer.start()
        command = [sys.executable, "-m", "tests.support.pump_process", str(tmp_path / "root")]
        for _ in range(KILLS):
            with subprocess.Popen([*command, redis.url], stdout=subprocess.PIPE) as pump:
                assert pump.stdout is not None
                assert pump.stdout.readline() == b"pumping\n"
                threading.Event().wait(dice.uniform(0.2, 0.7))
                if dice.random() < 0.3:
                    redis.restart()
                    threading.Event().wait(0.3)
                pump.kill()
        producer.stop()
        pumped_by_the_killed = len(pumping.frames())
        last = pumping.pump(redis.url)
        wait_until(lambda: last.drain() == 0 and last.status().depth in {0, None})

        numbers = pumping.numbers()
        assert pumped_by_the_killed > 0
        once = list(dict.fromkeys(numbers))
        assert once == list(range(producer.added)) or once == list(range(producer.added + 1))
        assert numbers == sorted(numbers)
        assert pumping.gaps() == []
        assert redis.pending() == 0
