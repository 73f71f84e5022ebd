"""HTML of mails: made safe to show, turned into text, and freed of what its reply quotes."""

import html as escapes
import re

import nh3
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.html_engine import Inscriptis
from inscriptis.model.config import ParserConfig
from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

MAX_HTML = 1_000_000
MAX_NESTING = 400
MAX_ENTITIES = 100_000
_TAGS = {
    *(
        "a",
        "abbr",
        "b",
        "strong",
        "i",
        "em",
        "u",
        "s",
        "del",
        "ins",
        "sub",
        "sup",
        "small",
        "big",
        "font",
        "center",
    ),
    *("p", "br", "div", "span", "blockquote", "pre", "code", "tt", "q", "cite", "hr", "img"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th"),
}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "align", "valign"},
    "th": {"colspan", "rowspan", "align", "valign"},
    "ol": {"start"},
    "*": {"dir", "lang"},
}
_SCHEMES = {"http", "https", "mailto", "tel", "cid", "data"}
_SAFE_DATA = re.compile(r"data:image/(?:png|gif|jpe?g|webp);base64,", re.IGNORECASE)
_REMOTE_IMAGE = re.compile(r'(<img(?: [a-z]+="[^"]*")*) src="(?=https?:|//)')
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
# Elements that close themselves or each other: leaving them open is no nesting.
_FLAT = {
    "br",
    "img",
    "hr",
    "input",
    "meta",
    "link",
    "p",
    "li",
    "td",
    "th",
    "tr",
    "dt",
    "dd",
    "option",
    "col",
    "area",
    "base",
}
_DECLARED_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE
)

_LAYOUT = ParserConfig(css=CSS_PROFILES["strict"])
_QUOTES = (
    "//blockquote[@type='cite' or contains(@class,'gmail_quote') or @id='isReplyContent' or contains(@style,'border-left')]"
    "|//div[contains(@class,'gmail_quote') or contains(@class,'yahoo_quoted') or contains(@class,'protonmail_quote')"
    " or contains(@class,'zmail_extra') or @id='isReplyContent' or @id='mail-editor-reference-message-container'"
    " or @id='OLK_SRC_BODY_SECTION']"
)
_SIGNATURES = (
    "//*[contains(@class,'gmail_signature') or @data-smartmail='gmail_signature' or contains(@class,'moz-signature')"
    " or @id='ms-outlook-mobile-signature' or @id='Signature' or @id='AppleMailSignature'"
    " or contains(@class,'protonmail_signature_block')]"
)


def declared_charset(data: bytes) -> str | None:
    """What the HTML says of itself, for parts whose header says nothing."""
    found = _DECLARED_CHARSET.search(data[:4096])
    return found[1].decode("ascii") if found else None


def clean_mail_html(html: str) -> str:
    """Safe to show: no scripts, styles or forms; remote images wait in `data-remote-src` until somebody asks."""
    html = html[:MAX_HTML]
    if is_hostile(html):
        return f"<pre>{escapes.escape(html_to_text(html))}</pre>"
    cleaned = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_keep_safe_data,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
        clean_content_tags={"script", "style", "head", "title"},
    )
    return _REMOTE_IMAGE.sub(r'\1 data-remote-src="', cleaned).strip()


def _keep_safe_data(tag: str, attribute: str, value: str) -> str | None:
    """`data:` addresses only for pictures; `cid:` only for pictures too."""
    scheme = value[:5].lower()
    if attribute not in {"href", "src"} or not scheme.startswith(("data:", "cid:")):
        return value
    return value if tag == "img" and (scheme.startswith("cid:") or _SAFE_DATA.match(value)) else None


def is_hostile(html: str) -> bool:
    """Whether cleaning and rendering would take quadratic time: too much open at once, or nothing but entities."""
    if html.count("&") > MAX_ENTITIES:
        return True
    depth = deepest = 0
    for closing, name in _TAG.findall(html):
        if name.lower() not in _FLAT:
            depth = max(0, depth - 1) if closing else depth + 1
            deepest = max(deepest, depth)
    return deepest > MAX_NESTING


def html_to_text(html: str) -> str:
    """The words of the page, laid out in lines."""
    return _render(_tree(html))


def html_reply_source(html: str) -> str:
    """The words with each quoted block as one `>` line and without marked signatures."""
    tree = _tree(html)
    if tree is None or is_hostile(html):
        return _render(tree)
    for quote in tree.xpath(_QUOTES):
        _replace_by_mark(quote)
    for signature in tree.xpath(_SIGNATURES):
        signature.clear(keep_tail=True)
    return _render(tree)


def _replace_by_mark(quote: HtmlElement) -> None:
    """Gmail puts its "On … wrote:" inside the quote: it goes with it."""
    quote.clear(keep_tail=True)
    quote.tag = "div"
    quote.text = ">"


def _tree(html: str) -> HtmlElement | None:
    """The page; None for one without any element or text."""
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        return document_fromstring(html[:MAX_HTML].encode("utf-8"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


def _render(tree: HtmlElement | None) -> str:
    if tree is None:
        return ""
    try:
        text: str = Inscriptis(tree, _LAYOUT).get_text()
    except RecursionError:
        text = "\n".join(filter(None, (piece.strip() for piece in tree.itertext())))
    lines = (line.replace("\u00a0", " ").rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
