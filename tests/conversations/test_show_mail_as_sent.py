"""A mail is shown as its sender laid it out, and nothing in it can run, reach out, or hide."""

import pytest

from contactcenter.channels.email.html_text import clean_mail_html
from contactcenter.conversations.formatted import EMBEDDED_MAX_BYTES, FOLDED_FROM, formatted
from contactcenter.conversations.models import Attachment, Message
from contactcenter.core.storage import store_file

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000a49444154789c6300010000050001"
    "0d0a2db40000000049454e44ae426082"
)


def shown(html: str, *attachments: Attachment, remote: bool = False) -> str:
    message = Message(body="", html=clean_mail_html(html), attachments=list(attachments))
    return formatted(message, fold_label="Show quoted text", remote=remote)


def picture(content_id: str, *, size: int = len(PIXEL)) -> Attachment:
    stored = store_file(PIXEL, "p.png")
    return Attachment(
        content_id=content_id, content_type="image/png", sha256=stored.sha256, size=size, filename="p.png"
    )


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        '<a href="javascript:alert(1)">x</a>',
        "<iframe src=https://evil.example></iframe>",
        '<form action="https://evil.example"><input name=q></form>',
        '<div style="background:url(https://evil.example/x)">x</div>',
        '<meta http-equiv="refresh" content="0;url=https://evil.example">',
        "<svg><script>alert(1)</script></svg>",
        '<a href="data:text/html,<script>alert(1)</script>">x</a>',
        '<base href="https://evil.example/">',
        '<link rel=stylesheet href="https://evil.example/x.css">',
        '<video src="https://evil.example/x"></video>',
        '<table background="https://evil.example/x"><tr><td>x</td></tr></table>',
    ],
)
@pytest.mark.parametrize("remote", [False, True])
def test_nothing_in_it_runs_or_reaches_out(hostile: str, remote: bool) -> None:
    page = shown(f"<p>Hello</p>{hostile}", remote=remote)
    assert "Hello" in page
    for trace in ("script", "onerror", "javascript", "iframe", "form", "style", "meta", "evil", "data:text"):
        assert trace not in page


def test_remote_pictures_wait_until_they_are_asked_for() -> None:
    mail = '<p>Look</p><img src="https://tracker.example/p.gif?id=7" alt="Our shop">'
    page = shown(mail)
    assert "tracker.example" not in page
    assert 'alt="Our shop"' in page
    assert 'src="https://tracker.example/p.gif?id=7"' in shown(mail, remote=True)


def test_pictures_in_the_mail_travel_inside_the_document() -> None:
    page = shown('<img src="cid:logo@x" alt="logo">', picture("logo@x"))
    assert 'src="data:image/png;base64,' in page
    assert "src=" not in shown('<img src="cid:gone@x" alt="logo">', picture("logo@x"))
    assert "src=" not in shown('<img src="cid:big@x">', picture("big@x", size=EMBEDDED_MAX_BYTES + 1))


def test_long_quotations_are_folded_once_and_short_ones_stay() -> None:
    long = "old words " * FOLDED_FROM
    page = shown(f"<p>New</p><blockquote><p>{long}</p><blockquote>{long}</blockquote></blockquote><p>Bye</p>")
    assert page.count("<details>") == 1
    assert page.index("New") < page.index("<summary>Show quoted text</summary>") < page.index("old words")
    assert page.index("</details>") < page.index("Bye")
    assert "<details>" not in shown("<blockquote>short</blockquote>")


def test_links_open_without_telling_where_from() -> None:
    assert 'rel="noopener noreferrer nofollow"' in shown('<a href="https://shop.example/">shop</a>')


def test_a_mail_of_words_alone_has_no_layout() -> None:
    assert not Message(html="<div>Hello<br>there</div>").has_layout
    assert Message(html="<table><tr><td>1</td></tr></table>").has_layout
    assert not Message(html=None).has_layout
