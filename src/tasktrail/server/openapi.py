"""What OpenAPI says beyond what the handlers' signatures say."""

from dataclasses import dataclass, field
from typing import Final

from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import (
    OpenAPIMediaType,
    OpenAPIType,
    Operation,
    Reference,
    RequestBody,
    Schema,
)
from litestar.openapi.spec import Parameter as ParameterSpec

from tasktrail import __version__
from tasktrail.server.answers import ProblemAnswer
from tasktrail.server.params import Parameter
from tasktrail.server.problems import PROBLEM_JSON, PROBLEMS

JSON: Final = "application/json"
DESCRIPTION: Final = "Events in, trails out. Errors are problem+json with a stable `code`."
EVENT_BODY: Final = RequestBody(
    description="One event, an array of events, or NDJSON; may be gzip-compressed.",
    required=True,
    content={
        "application/json": OpenAPIMediaType(
            schema=Schema(one_of=[Schema(type=OpenAPIType.OBJECT), Schema(type=OpenAPIType.ARRAY)])
        ),
        "application/x-ndjson": OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING)),
    },
)


def openapi_config() -> OpenAPIConfig:
    """OpenAPI as JSON only: a page that shows it would load scripts from elsewhere."""
    return OpenAPIConfig(
        title="Tasktrail",
        version=__version__,
        description=DESCRIPTION,
        path="/schema/openapi.json",
        render_plugins=[JsonRenderPlugin(path="/")],
        use_handler_docstrings=True,
    )


def asking(*parameters: Parameter) -> type[Operation]:
    """The operation of a handler that reads these parameters out of the query string itself."""
    specs = [_spec(parameter) for parameter in parameters]

    @dataclass
    class AskingOperation(Operation):
        """An operation with its query parameters."""

        parameters: list[ParameterSpec | Reference] | None = field(default_factory=list)

        def __post_init__(self) -> None:
            self.parameters = [*(self.parameters or []), *specs]

    return AskingOperation


@dataclass
class EventsOperation(Operation):
    """The operation that takes events, whose body no signature describes."""

    def __post_init__(self) -> None:
        self.request_body = EVENT_BODY


def answers(
    kind: object, *codes: str, status: int = 200, media_type: str = JSON
) -> dict[int, ResponseSpec]:
    """What a handler answers: its shape, and the problems by their codes."""
    return {status: _response(kind, "Answer", media_type)} | {
        PROBLEMS[code].status: _response(ProblemAnswer, PROBLEMS[code].title, PROBLEM_JSON)
        for code in codes
    }


def bytes_answers(media_type: str, *codes: str) -> dict[int, ResponseSpec]:
    """The same of bytes, of which a part can be asked for."""
    ranged = (*codes, "range_not_satisfiable")
    return answers(bytes, *ranged, media_type=media_type) | {
        206: _response(bytes, "The part that Range asks for", media_type)
    }


def also_unavailable(kind: object) -> dict[int, ResponseSpec]:
    """What a handler answers that says the same with 200 and with 503."""
    return answers(kind) | answers(kind, status=503)


def _response(kind: object, description: str, media_type: str = JSON) -> ResponseSpec:
    return ResponseSpec(
        kind,
        description=description,
        media_type=media_type,
        generate_examples=False,
    )


def _spec(parameter: Parameter) -> ParameterSpec:
    schema = Schema(
        type=OpenAPIType(parameter.kind.removesuffix("s")),
        minimum=parameter.least,
        maximum=parameter.most,
        enum=list(parameter.words) or None,
    )
    if parameter.kind == "strings":
        schema = Schema(type=OpenAPIType.ARRAY, items=schema)
    return ParameterSpec(
        name=parameter.name,
        param_in="query",
        description=parameter.help,
        required=False,
        schema=schema,
    )
