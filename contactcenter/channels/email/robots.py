"""Mail that no person wrote to us: automatic answers, bounces, mailing lists; and what servers say of its origin."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from contactcenter.channels.email.headers import header_text, parse_message_ids
from contactcenter.channels.email.mime import Headers, Part, content_bytes, split_headers

_AUTOMATIC_SUBJECT = re.compile(
    r"(?:out of (?:the )?office|automatic reply|auto(?:mated)?[- ]?(?:reply|response)|autoreply|auto"
    r"|abwesenheits(?:notiz|nachricht|meldung)|abwesend|automatische antwort"
    r"|r[ée]ponse automatique|absence du bureau|message d['’]absence"
    r"|respuesta autom[áa]tica|fuera de la oficina|resposta autom[áa]tica|fora do escrit[óo]rio"
    r"|risposta automatica|fuori sede|automatisch antwoord|afwezig(?:heid)?"
    r"|自动回复|自動回覆|自动答复|自動返信|自動応答|不在通知|부재\s?중|자동\s?회신|자동\s?응답|автоответ|автоматический ответ)"
    r"\s*(?:[:：\-–—(（\[]|$|re\b)",
    re.IGNORECASE,
)
_BOUNCE_SUBJECT = re.compile(
    r"(?:undeliver(?:ed|able)|delivery status notification|mail delivery (?:failed|failure|system)|delivery (?:has )?fail"
    r"|failure notice|returned mail|message undeliverable|non[- ]?delivery|unzustellbar|nicht zustellbar"
    r"|退信|系统退信|投递失败|无法投递|échec de (?:la )?remise|non remis|配信不能|не доставлено)",
    re.IGNORECASE,
)
_POSTMASTER = re.compile(
    r"^(?:mailer-daemon|postmaster|mail-daemon|mailerdaemon|bounces?)(?:[@+\s(-]|$)", re.IGNORECASE
)
_ORIGINAL_ID = re.compile(rb"^[>\s]*Message-ID:\s*(<[^<>\s]{1,998}>)", re.IGNORECASE | re.MULTILINE)
_FAILED_WORD = re.compile(r"<?([^\s<>@]{1,100}@[^\s<>@:;]{1,200})>?")
_RESULT = re.compile(r"\b(dkim|spf|dmarc|arc|iprev)\s*=\s*([a-z]{2,20})", re.IGNORECASE)
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_AUTO_HEADERS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-mail-autoreply")
_SCAN = 65_536


@dataclass(frozen=True, slots=True)
class Bounce:
    """A report on a mail of ours: `action` is failed, delayed, delivered …; `message_id` the mail it speaks of."""

    action: str
    recipients: tuple[str, ...]
    status: str
    reason: str
    message_id: str | None

    @property
    def permanent(self) -> bool:
        return self.action == "failed" and not self.status.startswith("4.")


@dataclass(frozen=True, slots=True)
class Authentication:
    """What one server found out about the sender; believe it only if `server` is one of ours."""

    server: str
    method: str
    result: str


def find_bounce(root: Part, sender: str, subject: str) -> Bounce | None:
    """A delivery report (RFC 3464), or the free text of a server that never heard of those."""
    status = next((part for part in root.walk() if part.content_type == "message/delivery-status"), None)
    if status is not None:
        return _read_report(root, content_bytes(status))
    failed = header_text(root.headers.get("x-failed-recipients"))
    if failed or (_POSTMASTER.match(sender) and _BOUNCE_SUBJECT.search(subject)):
        return _read_prose(root, failed)
    return None


def _read_report(root: Part, report: bytes) -> Bounce:
    fields: dict[str, list[str]] = {}
    for group in re.split(rb"\n\r*\n", report[:_SCAN].lstrip()):
        for name, value in split_headers(group + b"\n\n")[0].fields:
            fields.setdefault(name, []).append(header_text(value))
    receivers = fields.get("final-recipient") or fields.get("original-recipient") or []
    return Bounce(
        action=_first(fields, "action").lower().split(" ")[0] or "failed",
        recipients=tuple(dict.fromkeys(_after_type(receiver) for receiver in receivers)),
        status=_first(fields, "status").split(" ")[0],
        reason=_after_type(_first(fields, "diagnostic-code"))[:500],
        message_id=_original_id(root),
    )


def _read_prose(root: Part, failed: str) -> Bounce:
    text = b"\n".join(
        content_bytes(part)[:_SCAN] for part in root.walk() if part.content_type.startswith("text/")
    )
    words = header_text(text[:2_000])
    status = _STATUS.search(words)
    receivers = _FAILED_WORD.findall(failed) or _FAILED_WORD.findall(words)[:1]
    return Bounce("failed", tuple(receivers), status[1] if status else "", words[:500], _original_id(root))


def _first(fields: dict[str, list[str]], name: str) -> str:
    return next(iter(fields.get(name, ())), "")


def _after_type(value: str) -> str:
    """`rfc822; a@b` without its type."""
    return (
        value.rpartition(";")[2].strip()
        if value.lower().startswith(("rfc822", "smtp", "x-", "utf-8"))
        else value
    )


def _original_id(root: Part) -> str | None:
    """From the returned copy or its headers, else from the text, else from In-Reply-To."""
    for part in root.walk():
        if part.content_type in {
            "message/rfc822",
            "text/rfc822-headers",
            "message/global-headers",
            "message/rfc822-headers",
        }:
            ids = parse_message_ids(split_headers(content_bytes(part))[0].get("message-id"))
            if ids:
                return ids[0]
    for part in root.walk():
        if found := _ORIGINAL_ID.search(content_bytes(part)[:_SCAN] if not part.parts else b""):
            return next(iter(parse_message_ids(found[1])), None)
    return next(iter(parse_message_ids(root.headers.get("in-reply-to"))), None)


def why_automatic(root: Part, subject: str) -> str | None:
    """Which sign says that a machine sent it, as `header: value`; None for mail of people."""
    return next(_signs(root, subject), None)


def _signs(root: Part, subject: str) -> Iterator[str]:
    headers = root.headers
    submitted = header_text(headers.get("auto-submitted")).lower()
    if submitted and not submitted.startswith("no"):
        yield f"Auto-Submitted: {submitted}"
    suppress = header_text(headers.get("x-auto-response-suppress")).lower()
    if suppress and suppress != "none":
        yield f"X-Auto-Response-Suppress: {suppress}"
    precedence = header_text(headers.get("precedence")).lower()
    if precedence in {"auto_reply", "auto-reply", "junk"} or (
        precedence == "bulk" and find_list(headers) is None
    ):
        yield f"Precedence: {precedence}"
    yield from (
        name for name in _AUTO_HEADERS if header_text(headers.get(name)).lower() not in {"", "no", "false"}
    )
    if root.content_type == "multipart/report":
        yield f"Content-Type: multipart/report; {root.content.named.get('report-type', '')}"
    if header_text(headers.get("return-path")) == "<>":
        yield "Return-Path: <>"
    if _AUTOMATIC_SUBJECT.match(subject):
        yield "Subject"


def find_list(headers: Headers) -> str | None:
    """The mailing list it came through, or None."""
    for name in ("list-id", "list-post"):
        if value := header_text(headers.get(name)):
            return value
    return "list" if header_text(headers.get("precedence")).lower() == "list" else None


def read_authentication(headers: Headers) -> tuple[Authentication, ...]:
    """DKIM, SPF and DMARC results in the order of the headers (the topmost is the nearest server's)."""
    found = []
    for value in headers.all("authentication-results"):
        server, _, results = header_text(value).partition(";")
        name = (server.split() or [""])[0].lower()
        found += [
            Authentication(name, method.lower(), result.lower())
            for method, result in _RESULT.findall(results[:4_000])
        ]
    return tuple(found[:50])
