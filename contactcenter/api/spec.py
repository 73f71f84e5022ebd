"""The machine-readable description of the API, made from the models that the views use."""

from flask import Blueprint, jsonify
from flask import Response as FlaskResponse
from spectree import Response, SecurityScheme, SpecTree
from spectree.models import SecureType, SecuritySchemeData

from contactcenter.api.schemas import ErrorOut
from contactcenter.edge.deco import public

blueprint = Blueprint("api_spec", __name__)
spec = SpecTree(
    "flask",
    title="Candor",
    version="v1",
    path="not-served",  # spectree leaves out routes below its own path
    mode="strict",
    annotations=False,
    page_templates={},
    naming_strategy=lambda model: model.__name__,
    nested_naming_strategy=lambda _parent, child: child,
    security_schemes=[
        SecurityScheme(name="token", data=SecuritySchemeData(type=SecureType.HTTP, scheme="bearer"))
    ],
    security={"token": []},
)


ANY_MAY_ANSWER = (400, 401, 403, 404, 422, 429, 503)
CHANGES_MAY_ANSWER = (409, 413, 415)


def responses(**models: type) -> Response:
    """`HTTP_200=TicketOut` and the errors that every view may answer."""
    errors = {f"HTTP_{status}": ErrorOut for status in (*ANY_MAY_ANSWER, *CHANGES_MAY_ANSWER)}
    return Response(**{**errors, **models})


@blueprint.get("/api/openapi.json")
@public
def description() -> FlaskResponse:
    """The OpenAPI document, made once per process from the routes of this application."""
    document = spec.spec
    for operations in document["paths"].values():
        for status in CHANGES_MAY_ANSWER:  # reading never gets these
            operations.get("get", {}).get("responses", {}).pop(str(status), None)
    return jsonify(document)
