"""Finds how a plugin wants to be called: with a context, as older ones without, and how exactly.

Decided before the call, by what can be bound at every layer: a wrapper must take what we pass, and
so must what it wraps. The context is passed only where it is meant: as `context`, as a second
argument that the plugin cannot do without, or among arguments of any kind. An optional second
argument of another name is the plugin's own business.
"""

import inspect
from collections.abc import Callable, Iterator
from functools import partial
from types import FunctionType, MethodType
from typing import Final, NamedTuple

Function = Callable[..., object]

CONTEXT: Final = "context"
CONTEXT_TYPE: Final = "TaskContext"  # also as text, where annotations are not evaluated
ANY_NUMBER: Final = frozenset({inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD})


class Way(NamedTuple):
    """How arguments are passed: `p` stands for the params, `c` for the context."""

    places: str
    names: tuple[tuple[str, str], ...] = ()

    @property
    def passes_context(self) -> bool:
        """Whether the plugin gets a context."""
        return "c" in self.places or any(what == "c" for _, what in self.names)


# Tried in this order; the last one is for plugins that take nothing.
WAYS: Final = (
    Way("p", ((CONTEXT, "c"),)),
    Way("pc"),
    Way("", (("params", "p"), (CONTEXT, "c"))),
    Way("p"),
    Way("", (("params", "p"),)),
    Way(""),
)


class Plugin(NamedTuple):
    """A plugin that is ready to be called."""

    name: str
    function: Function
    way: Way

    def call(self, params: object, context: object) -> object:
        """What the plugin gives back; an awaitable of a coroutine."""
        passed = {"p": params, "c": context}
        places = [passed[what] for what in self.way.places]
        return self.function(*places, **{name: passed[what] for name, what in self.way.names})


def prepare(plugin: object) -> Plugin:
    """The plugin, however it is written: a function, a module, an object or a class.

    Raises TypeError for what is none of these, or wants arguments that nobody has.
    """
    name = _name_of(plugin)
    found = plugin() if inspect.isclass(plugin) else plugin
    function = getattr(found, "execute", found)
    if not callable(function):
        raise TypeError(
            f"expected a plugin, a function or something with `execute`, found {plugin!r}"
        )
    return Plugin(name, function, _way_of(function, name))


def _name_of(plugin: object) -> str:
    while isinstance(plugin, partial):
        plugin = plugin.func
    name = getattr(plugin, "name", None)
    if not isinstance(name, str) or not name:
        name = getattr(plugin, "__name__", None) or type(plugin).__name__
    return str(name).rpartition(".")[2]


def _way_of(function: Function, name: str) -> Way:
    try:
        layers = [inspect.signature(one, follow_wrapped=False) for one in _layers(function)]
    except (TypeError, ValueError):  # written in C, and silent about it
        return Way("p")
    # A wrapper that passes on something else than it takes decides alone.
    for asked in (layers, layers[:1]):
        for way in WAYS:
            if all(_fits(layer, way) for layer in asked):
                return way
    raise TypeError(
        f"expected plugin {name} to take (params, context) or (params), found {layers[0]}"
    )


def _layers(function: Function) -> Iterator[Function]:
    """The function and everything that it wraps, outermost first."""
    layer: Function | None = function
    seen: list[Function] = []
    while layer is not None and not any(layer is one for one in seen):
        seen.append(layer)
        yield layer
        layer = _wrapped_by(layer)


def _wrapped_by(layer: Function) -> Function | None:
    if isinstance(layer, partial):
        inner = _wrapped_by(layer.func)
        return None if inner is None else partial(inner, *layer.args, **layer.keywords)
    if isinstance(layer, MethodType):
        inner = _wrapped_by(layer.__func__)
        return None if inner is None else MethodType(inner, layer.__self__)
    inner = getattr(layer, "__wrapped__", None)
    return inner if callable(inner) else _hidden_in(layer)


def _hidden_in(layer: Function) -> Function | None:
    """What a decorator wraps without saying so: the one function that its wrapper holds."""
    if not isinstance(layer, FunctionType):
        return None
    kinds = {parameter.kind for parameter in inspect.signature(layer).parameters.values()}
    if not kinds or not kinds <= ANY_NUMBER:
        return None
    held = inspect.getclosurevars(layer).nonlocals.values()
    functions = [one for one in held if isinstance(one, FunctionType | MethodType | partial)]
    return functions[0] if len(functions) == 1 else None


def _fits(layer: inspect.Signature, way: Way) -> bool:
    """Whether the layer can be called so, with the context where it is meant."""
    marks = {"p": object(), "c": object()}
    places = [marks[what] for what in way.places]
    try:
        bound = layer.bind(*places, **{name: marks[what] for name, what in way.names})
    except TypeError:
        return False
    taken = next((name for name, one in bound.arguments.items() if one is marks["c"]), None)
    return taken is None or _is_for_context(layer.parameters[taken])


def _is_for_context(parameter: inspect.Parameter) -> bool:
    if parameter.default is parameter.empty:
        return True
    said = parameter.annotation
    if CONTEXT_TYPE in (said if isinstance(said, str) else getattr(said, "__name__", "")):
        return True
    return parameter.name == CONTEXT and parameter.default is None
