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
    security_schemes=[
        SecurityScheme(name="token", data=SecuritySchemeData(type=SecureType.HTTP, scheme="bearer"))
    ],
    security={"token": []},
)


def responses(**models: type) -> Response:
    """`HTTP_200=TicketOut` and the errors that every view may answer."""
    errors = dict.fromkeys(("HTTP_401", "HTTP_403", "HTTP_404", "HTTP_409", "HTTP_422", "HTTP_429"), ErrorOut)
    return Response(**{**errors, **models})


@blueprint.get("/api/openapi.json")
@public
def description() -> FlaskResponse:
    """The OpenAPI document, made once per process from the routes of this application."""
    return jsonify(spec.spec)
