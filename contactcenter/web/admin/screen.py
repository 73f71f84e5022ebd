"""The pattern of administration: a list, an empty form, and the same form for each thing that is there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from contactcenter.core.db import lock_row, unit_of_work
from contactcenter.edge.requests import Form, read_form, typed_over
from contactcenter.web.admin.forms import administrators
from contactcenter.web.forms import Errors, answer_form, found

Context = Mapping[str, object]


class Row(Protocol):
    """What is set up has a number."""

    id: Any  # Any: a mapped column


Thing = TypeVar("Thing", bound=Row)


@dataclass(frozen=True, slots=True)
class Screen(Generic[Thing]):
    """`name` is its place under /admin, `sheet` its form's template and what the template calls the thing.

    `listed` gives the list's template what it shows; `fields` the form's values as stored (None: of a new thing), one
    for each field the form sends; `choices` what else the form needs; `about` what it says of a stored thing. `store`
    reads and checks the form, makes or changes the thing and returns it. `stay` leads back to the form, where there is
    something more to do or to see.
    """

    name: str
    sheet: str
    model: type[Thing]
    listed: Callable[[Session], Context]
    fields: Callable[[Session, Thing | None], Context]
    store: Callable[[Session, Form, Thing | None], Thing]
    choices: Callable[[Session], Context] = lambda _session: {}
    about: Callable[[Session, Thing], Context] = lambda _session, _thing: {}
    stay: bool = False

    @property
    def place(self) -> str:
        """The address of the list."""
        return f"/admin/{self.name}/"

    def page(self, thing_id: int | None, errors: Errors, **more: object) -> str:
        """The form: as stored, or after a mistake as it was typed."""
        with unit_of_work() as session:
            thing = self.find(session, thing_id)
            stored, choices = self.fields(session, thing), self.choices(session)
            about = self.about(session, thing) if thing is not None else {}
        values = {"form": typed_over(stored) if errors else stored, "errors": errors, self.sheet: thing}
        return render_template(f"admin/{self.sheet}.html", **{**choices, **about, **values, **more})

    def answer(self, thing_id: int | None) -> ResponseReturnValue:
        """Store what was sent and go on, or show it again with a sentence at each field that is wrong."""

        def save() -> str:
            with unit_of_work() as session:
                thing = self.store(session, read_form(), self.find(session, thing_id, to_change=True))
                return f"{self.place}{thing.id}" if self.stay else self.place

        return answer_form(save, lambda errors: self.page(thing_id, errors))

    def find(self, session: Session, thing_id: int | None, *, to_change: bool = False) -> Thing | None:
        """The thing of that number; None for a new one. `to_change`: nobody else changes it meanwhile. Raises NotFound."""
        if thing_id is None:
            return None
        return found(
            lock_row(session, self.model, thing_id) if to_change else session.get(self.model, thing_id)
        )


def doors(screen: Screen[Thing]) -> Blueprint:
    """The five doors of a screen; a module may add its own to the blueprint."""
    blueprint = Blueprint(screen.name, screen.name, url_prefix=screen.place.rstrip("/"))

    @blueprint.get("/")
    @administrators
    def index() -> ResponseReturnValue:
        with unit_of_work() as session:
            return render_template(f"admin/{screen.name}.html", **screen.listed(session))

    @blueprint.get("/new")
    @administrators
    def new() -> ResponseReturnValue:
        return screen.page(None, {})

    @blueprint.post("/")
    @administrators
    def create() -> ResponseReturnValue:
        return screen.answer(None)

    @blueprint.get("/<int:thing_id>")
    @administrators
    def show(thing_id: int) -> ResponseReturnValue:
        return screen.page(thing_id, {})

    @blueprint.post("/<int:thing_id>")
    @administrators
    def save(thing_id: int) -> ResponseReturnValue:
        return screen.answer(thing_id)

    return blueprint
