"""One call of a command: what every command was told, its settings, its way out."""

import os
import sys
import time
from collections.abc import Mapping
from datetime import datetime

import click

from tasktrail.cli.output import Output
from tasktrail.cli.terminal import look_at
from tasktrail.settings import (
    Settings,
    SettingValue,
    explain_settings,
    load_settings,
    unknown_settings,
)


class Invocation:
    """The shared options of one call, and what follows from them."""

    def __init__(
        self, *, data: str | None, server: str | None, as_json: bool, color: str | None, raw: bool
    ) -> None:
        if data and server:
            raise click.UsageError("expected --data or --server, found both")
        self.data = data
        self.server = server
        self.as_json = bool(as_json)
        self.is_raw = bool(raw)
        self.environ: Mapping[str, str] = os.environ
        self._is_warned = False
        terminal = look_at(sys.stdout, self.environ, color=color or "auto")
        self.output = Output(sys.stdout, sys.stderr, terminal)

    def settings(self, **options: str | int | None) -> Settings:
        """The settings of this call; `options` are its own, by setting name."""
        self._warn_of_unknown_settings()
        return load_settings(self.environ, overrides=self._overrides(options))

    def _warn_of_unknown_settings(self) -> None:
        """Say once that a name in the environment means nothing: it may be a typing mistake."""
        if not self._is_warned:
            self._is_warned = True
            for sentence in unknown_settings(self.environ):
                self.output.say(f"tasktrail: {sentence}")

    def explained(self) -> list[SettingValue]:
        """Each setting with its value and origin, for this call."""
        return explain_settings(self.environ, overrides=self._overrides({}))

    def is_said(self, name: str, option: object) -> bool:
        """Whether anybody chose that setting, by the option or elsewhere."""
        origins = {value.name: value.origin for value in self.explained()}
        return option is not None or origins[name] != "default"

    def means_server(self) -> bool:
        """Whether a server is named and no data root."""
        url = self.settings().url or ""
        return url.startswith("http") and not self.is_said("data", self.data)

    def _overrides(self, options: Mapping[str, str | int | None]) -> dict[str, str]:
        said = {name: str(value) for name, value in options.items() if value is not None}
        if self.server:
            said["url"] = self.server
        if self.data:  # a root named outright is meant whole, whatever LOGS_DIR says
            said |= {"data": self.data, "logs_dir": os.path.join(self.data, "tasks")}  # noqa: PTH118
        return said

    def tell_address(self, url: str) -> None:
        """The address of a service that now answers, on stdout."""
        self.output.write(f"{url}\n")
        self.output.flush()

    def now(self) -> int:
        """Microseconds since the epoch, which relative times count from."""
        return time.time_ns() // 1000

    def today(self) -> str:
        """The local day, YYYY-MM-DD."""
        return datetime.now().astimezone().strftime("%Y-%m-%d")
