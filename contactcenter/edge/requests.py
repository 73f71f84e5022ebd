"""Read what was sent, typed and checked; every mistake becomes one sentence at its field."""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

from flask import request
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import UnsupportedMediaType

from contactcenter.core.errors import DomainError, Invalid
from contactcenter.core.i18n import gettext as _
from contactcenter.core.i18n import lazy_gettext as marked

ID_MAX = 2**63 - 1  # PostgreSQL's bigint
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")

_FAULTS = {  # pydantic's name for it, or the first word of that
    "missing": marked("Fill in this field."),
    "extra": marked("There is no such field."),
    "string": marked("This has to be a text."),
    "string_too_short": marked("Fill in this field."),
    "int": marked("This has to be a whole number."),
    "float": marked("This has to be a number."),
    "bool": marked("This has to be true or false."),
    "list": marked("This has to be a list."),
    "dict": marked("This has to be an object with fields."),
    "model": marked("This has to be an object with fields."),
    "datetime": marked("This has to be a date and time like 2026-11-23T09:30:00Z."),
    "timezone": marked("This date and time needs its zone, like 2026-11-23T09:30:00Z."),
}
_LIMITS = {  # the name of the limit that was not kept
    "expected": marked("Choose one of these: %(n)s."),
    "max_length": marked("At most %(n)s characters."),
    "ge": marked("At least %(n)s."),
    "le": marked("At most %(n)s."),
}

Model = TypeVar("Model", bound=BaseModel)


def refuse_unreadable() -> None:
    """Before every request: the address, the query and the form are UTF-8 without NUL. Raises DomainError (400)."""
    _refuse_bad_bytes(request.environ.get("PATH_INFO", "").encode("latin-1"))
    _refuse_bad_bytes(unquote_to_bytes(request.query_string))
    if request.mimetype == FORM_TYPES[0]:
        _refuse_bad_bytes(unquote_to_bytes(request.get_data()))
    elif request.mimetype == FORM_TYPES[1]:
        # The parser has put U+FFFD where bytes were no UTF-8; the raw body may be megabytes of file.
        for value in (*request.form.values(), *(file.filename or "" for file in request.files.values())):
            _refuse_bad_text(value, broken="\ufffd")


def _refuse_bad_bytes(raw: bytes) -> None:
    try:
        _refuse_bad_text(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise DomainError(_("The text is not valid UTF-8.")) from error


def _refuse_bad_text(text: str, *, broken: str = "\0") -> None:
    if broken in text or "\0" in text:
        raise DomainError(_("The text contains characters that cannot be stored."))


class Form:
    """The fields of a form or a query, read one by one; `check` raises all mistakes together.

    A reader whose field is wrong notes a sentence and returns a harmless value, so that a page can show every
    mistake at once; nothing is used before `check`.
    """

    def __init__(self, fields: MultiDict[str, str]) -> None:
        self.fields = fields
        self.errors: dict[str, str] = {}

    def text(self, name: str, *, longest: int = 200, required: bool = True) -> str:
        """A text without white space around it."""
        value = self.fields.get(name, "").strip()
        if required and not value:
            self.errors[name] = _("Fill in this field.")
        if len(value) > longest:
            self.errors[name] = _("At most %(n)s characters.", n=longest)
        return value

    def secret(self, name: str) -> str:
        """A password or key, exactly as typed."""
        value = self.fields.get(name, "")
        if not value:
            self.errors[name] = _("Fill in this field.")
        return value

    def number(self, name: str, *, low: int = 0, high: int = ID_MAX, default: int | None = None) -> int:
        """A whole number between `low` and `high`; an empty field is `default`, if there is one."""
        typed = self.fields.get(name, "").strip()
        if not typed and default is not None:
            return default
        value = _whole(typed)
        if value is None:
            self.errors[name] = _("Type a whole number.")
        elif not low <= value <= high:
            self.errors[name] = _("Type a number from %(low)s to %(high)s.", low=low, high=high)
        else:
            return value
        return low

    def row_id(self, name: str) -> int | None:
        """The id of something, or None for an empty choice."""
        return self.number(name, low=1) if self.fields.get(name, "").strip() else None

    def choice(self, name: str, choices: Collection[str], *, default: str | None = None) -> str:
        """One of `choices`; an absent field is `default`, if there is one."""
        value = self.fields.get(name, "") or default or ""
        if value not in choices:
            self.errors[name] = _("Choose one of the offered values.")
        return value

    def choices(self, name: str, choices: Collection[str]) -> list[str]:
        """Those of `choices` that were ticked."""
        values = self.fields.getlist(name)
        if not set(values) <= set(choices):
            self.errors[name] = _("Choose one of the offered values.")
        return values

    def flag(self, name: str) -> bool:
        """Whether a box was ticked."""
        return self.fields.get(name, "") not in ("", "0", "false")

    def lines(self, name: str, *, longest: int = 200, at_most: int = 100) -> list[str]:
        """The lines of a text area that say something."""
        found = [line.strip() for line in self.fields.get(name, "").splitlines() if line.strip()]
        if len(found) > at_most:
            self.errors[name] = _("At most %(n)s lines.", n=at_most)
        if any(len(line) > longest for line in found):
            self.errors[name] = _("At most %(n)s characters in a line.", n=longest)
        return found[:at_most]

    def check(self) -> None:
        """Raises Invalid if any field read so far was wrong, with a sentence for each."""
        if self.errors:
            raise invalid_fields(self.errors)


def read_form() -> Form:
    """The form of this request."""
    return Form(request.form)


def read_query() -> Form:
    """The query of this request."""
    return Form(request.args)


def read_file(name: str) -> tuple[str, bytes]:
    """An uploaded file as (its name, its content); its size is limited before it gets here. Raises Invalid."""
    file: FileStorage | None = request.files.get(name)
    if file is None or not file.filename:
        raise Invalid(_("Choose a file."), field=name)
    return file.filename, file.read()


def read_json(model: type[Model]) -> Model:
    """The JSON body as `model`. Raises DomainError (400) for no JSON, Invalid (422) for the wrong fields."""
    if not request.is_json:
        raise UnsupportedMediaType
    try:
        return model.model_validate(_json_object())
    except ValidationError as error:
        raise invalid_fields({_dotted(one["loc"]): _sentence(one) for one in error.errors()}) from error


def _sentence(fault: ErrorDetails) -> str:
    """Our words, in the reader's language, for a fault that pydantic found."""
    limits = fault.get("ctx", {})
    for name, sentence in _LIMITS.items():
        if name in limits:
            return _(sentence, n=limits[name])
    known = _FAULTS.get(fault["type"]) or _FAULTS.get(fault["type"].partition("_")[0])
    return _(known or marked("This value cannot be used."))


def _json_object() -> object:
    try:
        value: object = json.loads(request.get_data().decode("utf-8"))
    except UnicodeDecodeError as error:
        raise DomainError(_("The text is not valid UTF-8.")) from error
    except (ValueError, RecursionError) as error:
        raise DomainError(_("The body is not valid JSON.")) from error
    for text in _texts(value):
        _refuse_bad_text(text)
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            raise DomainError(_("The text is not valid UTF-8."))
    return value


def _texts(value: object) -> Iterable[str]:
    """Every string in a JSON value, keys included; without recursion, for depth is the sender's choice."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting.extend((*one.keys(), *one.values()))
        elif isinstance(one, list):
            waiting.extend(one)


def _dotted(path: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in path) or "body"


def invalid_fields(errors: dict[str, str]) -> Invalid:
    """One Invalid for several fields (name → sentence)."""
    field, sentence = next(iter(errors.items()))
    error = Invalid(sentence if len(errors) == 1 else _("Some fields need another look."), field=field)
    error.details = [{"field": name, "message": text} for name, text in errors.items()]
    return error


def field_errors(error: DomainError) -> dict[str, str]:
    """What to show at which field of a form; a refusal that names no field stands under the key ''."""
    named = {
        str(one["field"]): str(one.get("message", error.message)) for one in error.details if "field" in one
    }
    return named or {"": error.message}


def typed_over(stored: Mapping[str, Any]) -> dict[str, Any]:  # Any: what a form's fields hold
    """What a form shows again after a mistake: everything as it was typed, an unticked box as unticked.

    `stored` says which fields there are; those that hold a list may be sent several times.
    """
    return {
        name: request.form.getlist(name) if isinstance(value, list) else request.form.get(name, "")
        for name, value in stored.items()
    }


def expected_version() -> int:
    """The version in `If-Match`. Raises VersionRequired without one, so that nobody overwrites unseen changes."""
    given = request.headers.get("If-Match", "").strip()
    if given in ("", "*"):
        raise VersionRequired(_("Say in If-Match which version you read."))
    version = _whole(given.removeprefix("W/").strip('"'))
    if version is None:
        raise Invalid(_("If-Match carries the version that was read."), field="If-Match")
    return version


class VersionRequired(DomainError):
    """An edit that does not say what it edits."""

    status = 428
    code = "version_required"


def _whole(typed: str) -> int | None:
    digits = typed.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 19:
        return None
    return int(typed)
