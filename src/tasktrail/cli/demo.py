"""`tasktrail demo`: the service and simulated tasks, in a root of their own, at one address."""

import secrets
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import click
import msgspec

from tasktrail.cli.demo_player import Player
from tasktrail.cli.demo_root import DemoRoot, demo_root
from tasktrail.cli.demo_script import Cue, play
from tasktrail.cli.demo_sender import HttpSender, RedisSender, reachable_redis
from tasktrail.cli.interrupts import Interrupts
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.logs import start_logging
from tasktrail.cli.options import takes_invocation
from tasktrail.cli.terminal import has_display
from tasktrail.errors import PortInUse
from tasktrail.settings import Settings

SEED_BITS: Final = 32
GROUP: Final = "tasktrail-demo"


@click.command
@click.option("--port", type=click.IntRange(0, 65_535), help="0 takes a free one.  [PORT; 8090]")
@click.option(
    "--speed",
    type=click.FloatRange(0.1, 100),
    default=1.0,
    show_default=True,
    help="How many times as fast as a real agent.",
)
@click.option("--seed", type=int, help="Tell the same stories again.")
@click.option("--no-browser", is_flag=True, help="Open no browser.")
@takes_invocation(local=True)
def demo(
    invocation: Invocation, *, port: int | None, speed: float, seed: int | None, no_browser: bool
) -> int:
    """Run the service with simulated tasks, and open the browser.

    It records in a directory of its own, removed at the end; with --data in that one, which stays.
    Where REDIS_URL names a Redis that answers, events travel through a stream of the demo's own
    there, else by HTTP.
    """
    start_logging("WARNING")
    cues = play(secrets.randbits(SEED_BITS) if seed is None else seed, speed=speed)
    opens_browser = not no_browser and has_display(invocation.environ)
    with demo_root(invocation.data) as root, _own_redis(invocation) as redis:
        invocation.data = str(root.path)
        settings = _settings(invocation, port, redis)
        show = _Show(invocation, root, settings, cues, redis=redis, opens_browser=opens_browser)
        try:
            _serve(invocation, port, settings, on_ready=show.begin)
        finally:
            show.end()
    return show.interrupts.exit_code


@contextmanager
def _own_redis(invocation: Invocation) -> Iterator[RedisSender | None]:
    """A sender to the Redis that the settings name, where it answers."""
    url = invocation.settings().redis_url
    sender = reachable_redis(url, invocation.output.say) if url else None
    try:
        yield sender
    finally:
        if sender:
            sender.close()


def _settings(invocation: Invocation, port: int | None, redis: RedisSender | None) -> Settings:
    """The settings of the demo's service: of a Redis it sees the demo's own stream alone."""
    settings = invocation.settings(port=port)
    if redis is None:
        return msgspec.structs.replace(settings, redis_url=None)
    return msgspec.structs.replace(
        settings, redis_stream=(redis.stream,), redis_consumer_group=GROUP
    )


def _serve(
    invocation: Invocation, port: int | None, settings: Settings, *, on_ready: Callable[[str], None]
) -> None:
    """Serve at the port that was asked for; where none was, at any that is free."""
    from tasktrail.server.serve import serve  # noqa: PLC0415 - litestar takes its time

    try:
        serve(settings, on_ready=on_ready)
    except PortInUse as error:
        if invocation.is_said("port", port):
            raise
        invocation.output.say(f"{error}; taking a free port")
        serve(msgspec.structs.replace(settings, port=0), on_ready=on_ready)


class _Show:
    """The simulated producers, from when the service answers until it ends."""

    def __init__(
        self,
        invocation: Invocation,
        root: DemoRoot,
        settings: Settings,
        cues: Iterator[Cue],
        *,
        redis: RedisSender | None,
        opens_browser: bool,
    ) -> None:
        self._invocation = invocation
        self._root = root
        self._settings = settings
        self._cues = cues
        self._redis = redis
        self._opens_browser = opens_browser
        self._player: Player | None = None
        self.interrupts = Interrupts()

    def begin(self, url: str) -> None:
        """The service answers at `url`: say so and send the first event."""
        say = self._invocation.output.say
        self.interrupts.note()
        self._invocation.tell_address(url)
        fate = "stays" if self._root.is_kept else "removed at the end"
        say(f"simulated tasks, recorded in {self._root.path} ({fate}); Ctrl-C ends the demo")
        say(f"in another terminal: tasktrail tasks --server {url}")
        sender = self._redis or HttpSender(url, api_key=self._settings.api_key)
        self._player = Player(self._cues, sender, say=say)
        self._player.start()
        if self._opens_browser:
            threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()

    def end(self) -> None:
        """No event is sent any more."""
        if self._player:
            self._player.stop()
