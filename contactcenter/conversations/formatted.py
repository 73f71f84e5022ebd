"""A message as its sender laid it out: HTML that can be shown in a frame without scripts, reaching out to nobody."""

import base64
from collections.abc import Iterable
from html import escape

import nh3
from lxml import html as markup
from lxml.html import HtmlElement

from contactcenter.conversations.models import Attachment, Message
from contactcenter.core.storage import INLINE_TYPES, file_path

FOLDED_FROM = 300
"""A quotation of so many characters is folded: who answers has read it before."""

EMBEDDED_MAX_BYTES = 3_000_000
"""Pictures of one mail beyond this stay attachments: they travel inside the document."""

SCHEMES = {"http", "https", "mailto", "tel"}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "align", "valign"},
    "th": {"colspan", "rowspan", "align", "valign"},
    "ol": {"start"},
    "*": {"dir", "lang"},
}


def formatted(message: Message, *, fold_label: str, remote: bool) -> str:
    """The body of a document. Inline pictures are embedded, remote ones only with `remote`, long quotations folded."""
    laid_out = message.html if message.html is not None else f"<pre>{escape(message.body)}</pre>"
    page = markup.fragment_fromstring(laid_out, create_parent="div")
    pictures = _embedded(message.attachments)
    for image in list(page.iter("img")):
        _place(image, pictures, remote=remote)
    for quotation in list(page.iter("blockquote")):
        _fold(quotation, fold_label)
    return nh3.clean(
        markup.tostring(page, encoding="unicode"),
        tags=nh3.ALLOWED_TAGS | {"font", "big", "tt", "details", "summary", "section"},
        attributes=_ATTRIBUTES,
        attribute_filter=_keep_pictures_only,
        url_schemes=SCHEMES | {"data"},
        link_rel="noopener noreferrer nofollow",
    )


def _embedded(attachments: Iterable[Attachment]) -> dict[str, str]:
    """The pictures that belong into the text, by content id, as `data:` addresses."""
    found, room = {}, EMBEDDED_MAX_BYTES
    for one in attachments:
        if one.content_id is None or not one.content_type.startswith("image/"):
            continue
        path = file_path(one.sha256)
        if one.content_type in INLINE_TYPES and one.size <= room and path.is_file():
            room -= one.size
            found[one.content_id] = (
                f"data:{one.content_type};base64,{base64.b64encode(path.read_bytes()).decode()}"
            )
    return found


def _place(image: HtmlElement, pictures: dict[str, str], *, remote: bool) -> None:
    source = image.get("src", "")
    elsewhere = image.attrib.pop("data-remote-src", None)
    if source.startswith("cid:"):
        source = pictures.get(source.removeprefix("cid:"), "")
    if elsewhere is not None and remote:
        source = elsewhere if not elsewhere.startswith("//") else f"https:{elsewhere}"
    image.attrib.pop("src", None)
    if source:
        image.set("src", source)


def _fold(quotation: HtmlElement, label: str) -> None:
    """Put a long quotation behind its label; what it quotes in turn lies inside it already."""
    if any(outer.tag == "details" for outer in quotation.iterancestors()):
        return
    parent = quotation.getparent()
    if parent is None or len(quotation.text_content()) < FOLDED_FROM:
        return
    fold, summary = markup.Element("details"), markup.Element("summary")
    summary.text, fold.tail, quotation.tail = label, quotation.tail, None
    parent.replace(quotation, fold)
    fold.extend([summary, quotation])


def _keep_pictures_only(tag: str, _attribute: str, value: str) -> str | None:
    """`data:` addresses are for pictures alone."""
    if value[:5].lower() == "data:" and not (tag == "img" and value.startswith("data:image/")):
        return None
    return value
