"""How a plugin is called is decided by what it can take, before it is called."""

from collections.abc import Callable
from functools import partial, wraps
from types import SimpleNamespace
from typing import Any

import pytest

from tasktrail.sdk.plugins import prepare

Function = Callable[..., Any]


def honest(function: Function) -> Function:
    """A decorator that says what it wraps."""

    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - a decorator
        return function(*args, **kwargs)

    return wrapper


def silent(function: Function) -> Function:
    """A decorator that does not."""

    def wrapper(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - a decorator
        return function(*args, **kwargs)

    return wrapper


def narrow(function: Function) -> Function:
    """A decorator that says what it wraps, and itself takes the params only."""

    @wraps(function)
    def wrapper(params: object) -> object:
        return function(params, None)

    return wrapper


def new(params: object, context: object) -> object:
    """A plugin of today."""
    return params, context


def old(params: object) -> object:
    """A plugin of yesterday."""
    return params, "old"


def renamed(data: object, where_to_tell: object) -> object:
    """Names are its own business."""
    return data, where_to_tell


def by_name(params: object, *, context: object) -> object:
    """By name only."""
    return params, context


def optional(params: object, context: object = None) -> object:
    """Works without."""
    return params, context


def open_ended(params: object, **kwargs: object) -> object:
    """Takes what there is."""
    return params, kwargs["context"]


def names_only(**kwargs: object) -> object:
    """Everything by name."""
    return kwargs["params"], kwargs["context"]


def places_only(*args: object) -> object:
    """Everything by place."""
    return args


def with_switch(params: object, dry_run: bool = False) -> object:  # noqa: FBT001, FBT002 - the point
    """Its second argument is no context."""
    return params, "dry" if dry_run else "old"


def annotated(params: object, ctx: "TaskContext | None" = None) -> object:  # type: ignore[name-defined] # noqa: F821
    """Says what it wants."""
    return params, ctx


def bare() -> object:
    """Wants nothing."""
    return "p", "old"


class Job:
    """A plugin as an object."""

    name = "job.backup"

    def execute(self, params: object, context: object) -> object:
        """Run."""
        return params, context


class OldJob:
    """A plugin of yesterday as an object, of which the class is given."""

    def execute(self, params: object) -> object:
        """Run."""
        return params, "old"


class Static:
    """Methods of other kinds."""

    @staticmethod
    def execute(params: object, context: object) -> object:
        """Run."""
        return params, context


class Called:
    """An object that is called itself."""

    def __call__(self, params: object, context: object) -> object:
        """Run."""
        return params, context


class Decorated:
    """A decorated method."""

    @honest
    def execute(self, params: object) -> object:
        """Run."""
        return params, "old"


NEW = [
    new,
    renamed,
    by_name,
    optional,
    open_ended,
    names_only,
    places_only,
    annotated,
    honest(new),
    silent(new),
    honest(silent(new)),
    honest(by_name),
    partial(new),
    partial(lambda _, params, context: (params, context), 1),
    partial(lambda params, context, **_: (params, context), verbose=True),
    lambda params, context: (params, context),
    Job,
    Job(),
    Static,
    Called(),
    SimpleNamespace(execute=new),
]
OLD = [
    old,
    with_switch,
    bare,
    honest(old),
    silent(old),
    honest(silent(old)),
    silent(honest(old)),
    honest(with_switch),
    partial(with_switch, dry_run=False),
    partial(honest(old)),
    OldJob,
    OldJob(),
    Decorated(),
    SimpleNamespace(execute=old),
]


@pytest.mark.parametrize("plugin", NEW)
def test_a_plugin_that_takes_a_context_gets_it(plugin: object) -> None:
    """Whatever its arguments are called, however it is wrapped."""
    ready = prepare(plugin)

    assert ready.way.passes_context
    assert ready.call("p", "c") == ("p", "c")


@pytest.mark.parametrize("plugin", OLD)
def test_an_older_plugin_runs_as_it_always_did(plugin: object) -> None:
    """It never sees an argument that it does not know, nor one that it means otherwise."""
    ready = prepare(plugin)

    assert not ready.way.passes_context
    assert ready.call("p", "c") == ("p", "old")


def test_a_wrapper_that_takes_less_than_what_it_wraps_decides() -> None:
    """It is the wrapper that is called."""
    assert prepare(narrow(new)).call("p", "c") == ("p", None)


def test_a_context_that_was_given_already_stands() -> None:
    """A partial with a context of its own is called with the params."""
    assert prepare(partial(new, context="mine")).call("p", "c") == ("p", "mine")


def test_what_says_nothing_of_itself_gets_the_params() -> None:
    """Functions written in C do not always tell."""
    assert prepare(max).call([1, 3, 2], "c") == 3


@pytest.mark.parametrize(
    ("plugin", "name"),
    [
        (new, "new"),
        (partial(new), "new"),
        (Job, "backup"),
        (OldJob(), "OldJob"),
        (honest(old), "old"),
        (pytest, "pytest"),
    ],
)
def test_a_plugin_has_a_name(plugin: object, name: str) -> None:
    """Its own, its function's, its class's or its module's."""
    if plugin is pytest:
        plugin = SimpleNamespace(__name__="plugins.pytest", execute=new)

    assert prepare(plugin).name == name


@pytest.mark.parametrize("plugin", [None, 5, "text", SimpleNamespace(execute=3)])
def test_what_is_no_plugin_is_refused(plugin: object) -> None:
    """With a word on what was expected."""
    with pytest.raises(TypeError, match="expected a plugin"):
        prepare(plugin)


def test_a_plugin_that_wants_more_is_refused() -> None:
    """Nobody has a third argument for it."""
    with pytest.raises(TypeError, match=r"expected plugin .* found \(a, b, c\)"):
        prepare(lambda a, b, c: (a, b, c))
