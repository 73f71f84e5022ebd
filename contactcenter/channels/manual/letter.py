"""A reply on paper: one A4 page after another, in English and Chinese, made without fonts of our own."""

from dataclasses import dataclass
from datetime import date
from io import BytesIO
from xml.sax.saxutils import escape

from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

from contactcenter.core.i18n import format_date, speaking
from contactcenter.core.i18n import gettext as _

CHINESE_FONT = "STSong-Light"  # a standard CID font: viewers bring it, the file stays small
LATIN_FONT = "Helvetica"


@dataclass(frozen=True, slots=True)
class Letter:
    """What stands on the paper. `reference` is the ticket's number as people quote it."""

    brand: str
    recipient: str
    postal_address: str
    reference: str
    subject: str
    body: str
    signed_by: str
    on: date
    language: str


def render_pdf(letter: Letter) -> bytes:
    """The letter as a PDF with its title and language set."""
    pdfmetrics.registerFont(UnicodeCIDFont(CHINESE_FONT))
    out = BytesIO()
    with speaking(letter.language):
        document = SimpleDocTemplate(
            out,
            pagesize=A4,
            title=letter.subject,
            author=letter.brand,
            lang="zh-CN" if letter.language == "zh" else "en-GB",
            leftMargin=25 * mm,
            rightMargin=20 * mm,
            topMargin=27 * mm,
            bottomMargin=20 * mm,
        )
        document.build(_story(letter))
    return out.getvalue()


def _story(letter: Letter) -> list[Paragraph | Spacer]:
    plain, right, bold = _styles(letter)
    head = [line for line in (letter.recipient, *letter.postal_address.splitlines()) if line.strip()]
    reference = _("Our reference: %(number)s", number=letter.reference)
    parts: list[Paragraph | Spacer] = [Paragraph(escape(letter.brand), bold), Spacer(1, 14 * mm)]
    parts += [Paragraph(escape(line), plain) for line in head]
    parts += [
        Spacer(1, 8 * mm),
        Paragraph(format_date(letter.on, "long"), right),
        Paragraph(reference, right),
    ]
    parts += [Spacer(1, 8 * mm), Paragraph(escape(letter.subject), bold), Spacer(1, 4 * mm)]
    parts += [Paragraph(escape(line) or "&nbsp;", plain) for line in letter.body.splitlines()]
    return [*parts, Spacer(1, 12 * mm), Paragraph(escape(letter.signed_by), plain)]


def _styles(letter: Letter) -> tuple[ParagraphStyle, ParagraphStyle, ParagraphStyle]:
    written = f"{letter.brand} {letter.recipient} {letter.subject} {letter.body} {letter.signed_by}"
    chinese = letter.language == "zh" or any(character >= "\u2e80" for character in written)
    font = CHINESE_FONT if chinese else LATIN_FONT
    plain = ParagraphStyle(
        "plain", fontName=font, fontSize=11, leading=17, wordWrap="CJK" if chinese else None
    )
    right = ParagraphStyle("right", parent=plain, alignment=TA_RIGHT)
    bold = ParagraphStyle("bold", parent=plain, fontName=font if chinese else "Helvetica-Bold", fontSize=13)
    return plain, right, bold
