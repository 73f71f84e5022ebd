"""HTML from outside, made safe to show."""

import nh3

TAGS = {
    *("a", "b", "strong", "i", "em", "u", "s", "p", "br", "div", "span", "blockquote", "pre", "code"),
    *("ul", "ol", "li", "h1", "h2", "h3", "h4", "hr", "table", "thead", "tbody", "tr", "td", "th", "img"),
}
ATTRIBUTES = {"a": {"href", "title"}, "img": {"alt", "width", "height"}, "td": {"colspan", "rowspan"}}
SCHEMES = {"http", "https", "mailto", "tel"}


def clean_html(untrusted: str) -> str:
    """Only harmless structure is left: no scripts, styles, forms; images lose their address (no remote loading)."""
    return nh3.clean(
        untrusted,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
        clean_content_tags={"script", "style", "head", "title"},
    )
