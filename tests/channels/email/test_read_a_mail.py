"""What `parse` reads out of a mail."""

import pytest

from contactcenter.channels.email.addresses import Address, parse_addresses, parse_sender
from contactcenter.channels.email.charsets import decode
from contactcenter.channels.email.parse import parse
from tests.channels.email import mails


def test_a_plain_mail_says_who_wrote_to_whom_and_what() -> None:
    mail = parse(
        mails.plain(
            cc="Bob <bob@example.com>", reply_to="li@example.org", date="Mon, 05 Feb 2024 09:30:00 +0800"
        )
    )
    assert mail.sender == Address("wang.li@example.cn", "Wang Li")
    assert mail.to == (Address("help@harbour.example", "Support"),)
    assert mail.cc == (Address("bob@example.com", "Bob"),)
    assert mail.reply_to == (Address("li@example.org"),)
    assert mail.subject == "Leaking kettle"
    assert mail.text == "The kettle I bought on Monday leaks."
    assert mail.message_id == "one@example.cn"
    assert mail.date is not None
    assert mail.date.isoformat() == "2024-02-05T01:30:00+00:00"
    assert mail.error is None
    assert not mail.is_robot


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("utf-8", "水壶漏水，请退款。"),
        ("gb2312", "水壶漏水，请退款。"),
        ("big5", "水壺漏水，請退款。"),
        ("iso-2022-jp", "やかんから水が漏れます。"),
        ("shift_jis", "やかんから水が漏れます。"),
        ("euc-kr", "주전자에서 물이 샙니다."),
        ("koi8-r", "Чайник протекает, верните деньги."),
        ("iso-8859-1", "Der Wasserkessel läuft aus, größer als gewünscht."),
        ("windows-1252", "La bouilloire fuit : 40 € à rembourser…"),
    ],
)
def test_text_and_subject_are_read_in_their_charset_declared_or_not(charset: str, text: str) -> None:
    declared = mails.raw(
        f"From: a@example.org\nContent-Type: text/plain; charset={charset}", text, charset=charset
    )
    undeclared = mails.raw(f"From: a@example.org\nSubject: {text}", text, charset=charset)
    assert parse(declared).text == text
    assert parse(undeclared).text == text
    assert parse(undeclared).subject == text


@pytest.mark.parametrize("subject", ["見積もりの件について", "お問い合わせ", "納品書の再発行依頼", "テスト"])
def test_a_raw_shift_jis_subject_is_read(subject: str) -> None:
    assert (
        parse(mails.raw(f"From: a@example.jp\nSubject: {subject}", "abc", charset="cp932")).subject == subject
    )


def test_lying_and_wider_charsets_are_seen_through() -> None:
    assert decode("Grüße".encode(), "iso-8859-1") == "Grüße"
    assert decode("订单没有收到".encode(), "gb2312") == "订单没有收到"
    assert decode("朱镕基 €".encode("gb18030"), "gb2312") == "朱镕基 €"
    assert decode(b"\x93quoted\x94", "iso-8859-1") == "“quoted”"
    assert decode(b"\x1b$B-!-j\x1b(B \x1b(I123\x1b(B", "iso-2022-jp") == "①㈱ ｱｲｳ"
    assert decode(b"caf+AOk-", "unicode-1-1-utf-7") == "café"
    assert decode("你好吗".encode()[:-1]) == "你好\ufffd"
    assert decode(b"plain", "no-such-charset") == "plain"


def test_encoded_words_are_joined_even_inside_a_character() -> None:
    mail = parse(
        mails.raw(
            "From: =?gb2312?B?zfXA9g==?= <w@example.cn>\nSubject: =?utf-8?B?5L2g5Q==?=\n =?utf-8?B?pb0=?= ok",
            "x",
        )
    )
    assert mail.sender.name == "王丽"
    assert mail.subject == "你好 ok"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("MAILER-DAEMON (Mail Delivery System)", Address(None, "Mail Delivery System")),
        ('"x" <>', Address(None, "x")),
        ("Name name@example.com", Address("name@example.com", "Name")),
        ("a@yahoo.com.", Address("a@yahoo.com")),
        ("Li, Wang <w@example.cn>", Address("w@example.cn", "Li, Wang")),
        ('"a@b.example" <a@b.example>', Address("a@b.example")),
        ('"Unclosed <a@b.example>', Address("a@b.example", "Unclosed")),
        ("x <mailto:q@example.org>", Address("q@example.org", "x")),
        ("bob@example.org (Bob)", Address("bob@example.org", "Bob")),
        ("", Address(None)),
    ],
)
def test_a_broken_sender_is_read_as_well_as_it_can_be(written: str, read: Address) -> None:
    assert parse_sender(written.encode()) == read


def test_lists_of_addresses_survive_groups_commas_and_repeats() -> None:
    written = b'Team: "Li, Wang" <a@x.example>, bob, B <b@x.example>; A@x.example, undisclosed-recipients:;'
    assert [one.address for one in parse_addresses(written)] == ["a@x.example", "b@x.example"]


def test_a_mail_without_sender_is_read_all_the_same() -> None:
    mail = parse(mails.raw("Subject: Who am I", "Nobody knows."))
    assert mail.sender == Address(None)
    assert mail.text == "Nobody knows."
    assert mail.error is None


def test_html_is_the_text_where_the_text_part_is_empty_or_only_a_notice() -> None:
    html = "<p>Dear team,</p><p>the kettle leaks.</p>"
    for notice in ("  \n", "This message needs an HTML mail program."):
        assert parse(mails.with_html(notice, html)).text == "Dear team,\n\nthe kettle leaks."
    assert parse(mails.with_html("It leaks.", html)).text == "It leaks."


def test_html_is_made_safe_and_remote_pictures_wait() -> None:
    mail = parse(
        mails.with_html(
            "x",
            '<script>alert(1)</script><a href="javascript:x" onclick="y">go</a><form><input></form>'
            '<img src="https://tracker.example/p.png" alt="pixel"><img src="cid:logo">'
            '<a href="data:text/html,boo">data</a><p style="position:fixed">end</p>',
        )
    )
    assert mail.html is not None
    for gone in ("script", "javascript", "onclick", "form", "style", "data:text", ' src="https'):
        assert gone not in mail.html
    assert 'data-remote-src="https://tracker.example/p.png"' in mail.html
    assert 'src="cid:logo"' in mail.html


def test_flowed_text_is_one_paragraph_again() -> None:
    body = "The kettle \nleaks.\n\n> you said \n> it would not\n-- \nLi"
    mail = parse(mails.raw("From: a@example.org\nContent-Type: text/plain; format=flowed", body))
    assert mail.text == "The kettle leaks.\n\n> you said it would not\n-- \nLi"


def test_attachments_keep_their_names_and_bytes() -> None:
    content = bytes(range(256)) * 40
    mail = parse(
        mails.with_files(("发票 2024.pdf", content, "application/pdf"), ("notes.txt", b"hi", "text/plain"))
    )
    assert [(one.filename, one.content_type) for one in mail.attachments] == [
        ("发票 2024.pdf", "application/pdf"),
        ("notes.txt", "text/plain"),
    ]
    assert mail.attachments[0].content == content
    assert mail.text == "See the papers."


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('Content-Disposition: attachment; filename="C:\\temp\\plan.txt"', "plan.txt"),
        ('Content-Disposition: attachment; filename="../../etc/passwd"', "passwd"),
        (
            "Content-Disposition: attachment; filename*0*=UTF-8''%E5%8F; filename*1*=%91%E7%A5%A8.pdf",
            "发票.pdf",
        ),
        ('Content-Disposition: attachment; filename="=?utf-8?B?5Y+R56WoLnBkZg==?="', "发票.pdf"),
        ("Content-Type: image/png; name=two words.png", "two words.png"),
        ("Content-Disposition: attachment\nContent-Type: image/png", "attachment.png"),
        ("Content-Disposition: attachment\nContent-Type: text/calendar", "attachment.ics"),
        ('Content-Disposition: attachment; filename="cod\u202efdp.exe"', "codfdp.exe"),
    ],
)
def test_attachment_names_are_kept_but_lead_nowhere(header: str, name: str) -> None:
    mail = parse(
        mails.raw(
            "From: a@example.org\nContent-Type: multipart/mixed; boundary=B",
            f"--B\n\nHi\n--B\n{header}\n\nabc\n--B--",
        )
    )
    assert [one.filename for one in mail.attachments] == [name]
    assert mail.text == "Hi"


def test_a_forwarded_message_is_a_file_and_never_the_text() -> None:
    inner = mails.plain("The inner words.", subject="Offer 1/2")
    body = b"--B\n\nPlease see below.\n--B\nContent-Type: message/rfc822\n\n" + inner + b"\n--B--"
    mail = parse(mails.raw("From: a@example.org\nContent-Type: multipart/mixed; boundary=B", body))
    assert mail.text == "Please see below."
    assert [one.filename for one in mail.attachments] == ["Offer 1-2.eml"]
    assert mail.attachments[0].content == inner


def test_inline_pictures_keep_their_place() -> None:
    related = (
        '--B\nContent-Type: text/html\n\n<p>See</p><img src="cid:p1@x">\n'
        "--B\nContent-Type: image/png\nContent-ID: <p1@x>\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--B--"
    )
    mail = parse(mails.raw("From: a@example.org\nContent-Type: multipart/related; boundary=B", related))
    assert [(one.content_id, one.inline, one.filename) for one in mail.attachments] == [
        ("p1@x", True, "attachment.png")
    ]


def test_uuencoded_files_leave_the_text() -> None:
    mail = parse(mails.raw("From: a@example.org", "Before\nbegin 644 hi.txt\n#:&D*\n`\nend\nAfter"))
    assert "begin" not in mail.text
    assert mail.text.startswith("Before")
    assert [(one.filename, one.content) for one in mail.attachments] == [("hi.txt", b"hi\n")]


def test_wrong_and_missing_boundaries_lose_no_text() -> None:
    parts = (
        "--real\nContent-Type: text/plain\n\nHello there\n--real\nContent-Type: image/gif\n\nGIF89a\n--real--"
    )
    for declared in ("", "; boundary=other"):
        mail = parse(mails.raw(f"From: a@example.org\nContent-Type: multipart/mixed{declared}", parts))
        assert mail.text == "Hello there"
        assert len(mail.attachments) == 1
    assert (
        parse(mails.raw("From: a@example.org\nContent-Type: multipart/mixed", "just text")).text
        == "just text"
    )


def test_broken_transfer_encodings_give_what_can_be_read() -> None:
    base64 = "From: a@example.org\nContent-Transfer-Encoding: base64"
    assert parse(mails.raw(base64, "SGVsbG8*gd29y\nbGQ")).text == "Hello world"
    assert parse(mails.raw(base64, "SGVsbG8=\nIHdvcmxk")).text == "Hello world"
    assert (
        parse(
            mails.raw("From: a@example.org\nContent-Transfer-Encoding: quoted-printable", "50=25 =ZZ off=")
        ).text
        == "50% =ZZ off"
    )


def test_signed_and_encrypted_mail_is_marked_and_kept() -> None:
    signed = "--B\n\nHello\n--B\nContent-Type: application/pgp-signature; name=signature.asc\n\nxyz\n--B--"
    mail = parse(mails.raw("From: a@example.org\nContent-Type: multipart/signed; boundary=B", signed))
    assert (mail.protection, mail.text, mail.attachments[0].filename) == ("signed", "Hello", "signature.asc")
    assert (
        parse(
            mails.raw("From: a@example.org\nContent-Type: application/pkcs7-mime; name=smime.p7m", "x")
        ).protection
        == "encrypted"
    )


def test_what_is_no_mail_says_so() -> None:
    assert parse(b"").error == "The message is empty."
    assert parse(b"\n\n\njust words").error == "The message has no headers."
