"""Where payment systems and carriers report what became of a remedy: by call with their secret, or by signed webhook.

Neither door tells which complaints exist: a report is taken in, and people see what it is good for.
"""

from typing import Literal

from flask import Blueprint, Response, request
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy.orm import Session

from contactcenter.api import examples, schemas
from contactcenter.api.answers import json_answer
from contactcenter.api.examples import like
from contactcenter.api.spec import responses, spec
from contactcenter.complaints.intake import Told, take_report
from contactcenter.complaints.models import ReportSource
from contactcenter.complaints.sources import source_of_secret, source_of_signature
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import Conflict
from contactcenter.core.i18n import gettext as _
from contactcenter.core.idempotency import do_once
from contactcenter.edge.deco import proof
from contactcenter.edge.limits import limiter
from contactcenter.edge.requests import read_json
from contactcenter.edge.sessions import bearer_token

blueprint = Blueprint("api_reports", __name__)

PACE = "600 per minute"
AMOUNT_MAX = 10**11
REFERENCE_MAX = 40
SIGNATURE = "Candor-Signature"


class RemedyReportIn(schemas.In):
    """What has become of one payment, parcel, correction or apology.

    A refund says how much, in minor units; a correction what the record was and is.
    """

    model_config = like(examples.REMEDY_REPORT)

    id: schemas.Text = Field(max_length=200, description="yours: of the refund, the parcel, the record")
    kind: Literal["refund", "replacement", "correction", "apology"]
    status: Literal["requested", "dispatched", "settled", "delivered", "recorded", "failed", "reversed"]
    amount: int | None = Field(None, ge=1, le=AMOUNT_MAX)
    currency: str | None = Field(None, max_length=3)
    before: str | None = Field(None, max_length=64, description="SHA-256 of the record before a correction")
    after: str | None = Field(None, max_length=64, description="and after it")
    occurred_at: AwareDatetime


class SignedRemedyReportIn(RemedyReportIn):
    """The same, naming the complaint that it is about."""

    complaint: str = Field(max_length=REFERENCE_MAX)


class RemedyReportOut(BaseModel):
    """It is kept. `repeated`: it was before."""

    model_config = like(examples.REMEDY_REPORT_HEARD)

    system: str
    id: str
    status: str
    repeated: bool


@blueprint.post("/api/v1/complaints/<reference>/remedy/reports")
@spec.validate(
    json=RemedyReportIn, resp=responses(HTTP_200=RemedyReportOut), skip_validation=True, tags=["complaints"]
)
@limiter.limit(PACE)
@proof()
def report(reference: str) -> Response:
    """Say what became of a remedy, with the secret of a source in place of a token."""
    with unit_of_work() as session:
        source = source_of_secret(session, bearer_token(request))
        return _heard(session, source, reference, read_json(RemedyReportIn))


@blueprint.post("/hooks/remedies/<name>")
@limiter.limit(PACE)
@proof()
def signed_report(name: str) -> Response:
    """The same for systems that sign what they send; each signed request is heard once."""
    signature = request.headers.get(SIGNATURE, "")
    with unit_of_work() as session:
        source = source_of_signature(session, name, signature, request.get_data())
        wish = read_json(SignedRemedyReportIn)
        done = do_once(
            session,
            f"report source:{source.id}",
            signature,
            request.get_data(),
            lambda: _heard(session, source, wish.complaint, wish).get_data(as_text=True),
        )
    if done.repeated:
        raise Conflict(_("This signed request has arrived before. Sign it anew to send it again."))
    return Response(done.answer, mimetype="application/json")


def _heard(session: Session, source: ReportSource, reference: str, wish: RemedyReportIn) -> Response:
    told = Told(
        reference=reference[:REFERENCE_MAX],
        id=wish.id,
        kind=wish.kind,
        status=wish.status,
        amount=wish.amount,
        currency=wish.currency,
        occurred_at=wish.occurred_at,
        before=wish.before,
        after=wish.after,
        raw=request.get_data(as_text=True),
    )
    new = take_report(session, source, told)
    return json_answer(RemedyReportOut(system=source.name, id=told.id, status=told.status, repeated=not new))
