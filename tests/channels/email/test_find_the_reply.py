"""The new part of a reply, without history and signature."""

import pytest

from contactcenter.channels.email.parse import parse
from contactcenter.channels.email.reply_text import reply_text
from tests.channels.email import mails

REPLIES = {
    "gmail_english": (
        "Thanks!\n\nOn Mon, Jan 15, 2024 at 10:30 AM Bob Barrow of the Long Name\n<bob@example.com> wrote:\n\n> Hi\n> there",
        "Thanks!",
    ),
    "yahoo_english": (
        "yes\n\nOn Monday, January 15, 2024 at 10:30:00 AM GMT+1, Bob <b@example.com> wrote:  \n\n hello",
        "yes",
    ),
    "outlook_english": (
        "Fine.\n\nFrom: Bob <b@example.com>\nSent: Monday, January 15, 2024 10:30\nTo: Li\nSubject: Kettle\n\nOld",
        "Fine.",
    ),
    "outlook_bold": (
        "Done\n\n*From:* Bob <b@example.com>\n*Sent:* Monday\n*To:* A\n*Subject:* x\nHi",
        "Done",
    ),
    "original_message": ("Done\n\n-----Original Message-----\nFrom: Bob\nTo: Li\n\nOld", "Done"),
    "apple_english": (
        "Good\n\nSent from my iPhone\n\n> On 15 Jan 2024, at 10:30, Bob <b@example.com> wrote:\n> \n> old",
        "Good",
    ),
    "gmail_chinese": ("谢谢\n\n客服 <kf@example.cn> 于2024年1月15日周一 10:30写道：\n\n> 你好", "谢谢"),
    "netease": ('好的\n\n\n在 2024-01-15 10:30:00，"客服" <kf@example.cn> 写道：\n你好', "好的"),
    "netease_app": ("好的\n\n---- 回复的原邮件 ----\n| 发件人 | 客服<kf@example.cn> |\n你好", "好的"),
    "qq": (
        '收到\n\n------------------ 原始邮件 ------------------\n发件人: "客服" <kf@example.cn>;\n你好',
        "收到",
    ),
    "foxmail": (
        "收到，谢谢。\n\n发件人： 客服\n发送时间： 2024-01-15 10:30\n收件人： wang\n主题： Re: 订单\n你好",
        "收到，谢谢。",
    ),
    "iphone_chinese": (
        "您好\n\n发自我的iPhone\n\n> 在 2024年1月15日，10:30，客服 <kf@example.cn> 写道：\n> \n> 你好",
        "您好",
    ),
    "outlook_german": (
        "Ja.\n________________________________\nVon: Bob\nGesendet: Montag, 15. Januar 2024 10:30\nAn: Li\nBetreff: x\n\nAlt",
        "Ja.",
    ),
    "gmail_german": (
        "Danke\n\nAm Mo., 15. Jan. 2024 um 10:30 Uhr schrieb Bob <\nbob@example.de>:\n\n> x",
        "Danke",
    ),
    "yahoo_german": (
        "Danke\n\nAm Montag, 15. Januar 2024 um 10:30:00 MEZ hat Bob <b@example.de> Folgendes geschrieben:\n\nx",
        "Danke",
    ),
    "gmail_french": (
        "Merci\n\nLe lun. 15 janv. 2024 à 10:30, Bob <bob@example.fr> a\nécrit :\n\n> x",
        "Merci",
    ),
    "iphone_french": (
        "Bien\n\nEnvoyé de mon iPhone\n\nLe 15 janv. 2024 à 10:30, Bob <b@example.fr> a écrit :\n\nx",
        "Bien",
    ),
    "gmail_spanish": ("Sí\n\nEl lun, 15 ene 2024 a las 10:30, Bob (<bob@example.es>) escribió:\n\n> x", "Sí"),
    "gmail_portuguese": (
        "Sim\n\nEm seg., 15 de jan. de 2024 às 10:30, Bob <b@example.pt> escreveu:\n\n> x",
        "Sim",
    ),
    "outlook_portuguese": ("Olá\n\nDe: Bob <b@example.pt>\nEnviado: 15 jan\nPara: A\nAssunto: x", "Olá"),
    "gmail_italian": (
        "Grazie\n\nIl giorno lun 15 gen 2024 alle ore 10:30 Bob <b@example.it> ha scritto:\n\n> x",
        "Grazie",
    ),
    "gmail_dutch": ("Ok\n\nOp ma 15 jan 2024 om 10:30 schreef Bob <b@example.nl>:\n\n> x", "Ok"),
    "gmail_japanese": ("了解です\n\n2024年1月15日(月) 10:30 山田 <y@example.jp>:\n\n> x", "了解です"),
    "outlook_japanese": (
        "見ました\n\n差出人: Bob <b@example.jp>\n送信日時: 2024年1月15日\n宛先: A\n件名: x\n",
        "見ました",
    ),
    "gmail_korean": ("네\n\n2024년 1월 15일 (월) 오전 10:30, 김 <k@example.kr>님이 작성:\n\n> x", "네"),
    "gmail_russian": ("Да\n\nпн, 15 янв. 2024 г. в 10:30, Иван <i@example.ru>:\n\n> x", "Да"),
    "mail_ru": ("Да\n\nПонедельник, 15 января 2024, 10:30 +03:00 от Иван <i@example.ru>:\n\nпривет", "Да"),
    "zoho": ("Sure.\n\n---- On Wed, 24 Feb 2021 14:02:50 +0530 bob@example.in wrote ----\n\nOld", "Sure."),
    "gmail_german_name_first": (
        "Gut\n\nBob Bauer <bob@example.de> schrieb am So., 23.\nJuni 2024, 21:08:\n\n> alt",
        "Gut",
    ),
    "gmail_finnish": (
        "Ok\n\npe 20. lokakuuta 2017 klo 17.50 Bob Bo\n<b@example.fi> kirjoitti:\n\nvanha",
        "Ok",
    ),
    "samsung_danish": (
        "Ja\n\n-------- Oprindelig besked --------\nFra: Bob <b@example.dk>\nDato: 04.07.2024 17.45\nTil: li@x",
        "Ja",
    ),
    "outlook_wrapped_sender": (
        "Fine\n\nFrom: Human Resources\n<a-long-address@example.com>\nSent: Monday, August 26\nTo: Li\nSubject: x\n\nOld",
        "Fine",
    ),
    "outlook_ios_link": (
        "Bien\n\nTélécharger Outlook pour iOS<https://outlook.example/x>\n__________\nDe : Bob <b@example.fr>\nEnvoyé : lundi\nÀ : Li\nObjet : x\n\nVieux",
        "Bien",
    ),
    "typos_excused": ("Yes\n\nSent from my cell, please excuse any typos.", "Yes"),
    "answers_between": ("Top\n> q1\nanswer1\n> q2\nanswer2\n-- \nLi\nTel", "Top\nanswer1\nanswer2"),
    "answer_below": ("On 15 Jan Bob wrote:\n> q\nBottom answer", "Bottom answer"),
}
KEPT = {
    "prose_with_a_colon": "Your colleague wrote:\nwe will refund you.\nBut nothing came.",
    "a_journey": "I travel\nFrom: London\nTo: Paris\nplease",
    "a_list": "Please note the following:\n- a\n- b",
    "a_date_before_a_colon": "We met on 15.01.2024 at 10:30 with:\nBob and Li",
    "a_parcel_sent_from_somewhere": "Sent from Hamburg on Monday, the parcel is lost.\nPlease help.",
    "a_bare_forward": "-----Original Message-----\nFrom: Bob\nHello",
    "a_dash_line_in_the_middle": "One\n--\n" + "\n".join(f"line {n}" for n in range(40)),
}


@pytest.mark.parametrize("name", REPLIES)
def test_only_the_new_words_are_the_reply(name: str) -> None:
    text, expected = REPLIES[name]
    assert reply_text(text) == expected


@pytest.mark.parametrize("name", KEPT)
def test_ordinary_words_are_kept(name: str) -> None:
    assert reply_text(KEPT[name]) == KEPT[name]


def test_the_whole_text_stays_beside_the_reply() -> None:
    whole = "Thanks!\n\nOn 15 Jan 2024 Bob wrote:\n> Hi"
    mail = parse(mails.plain(whole))
    assert mail.text == whole
    assert mail.reply_text == "Thanks!"


def test_quotes_and_signatures_of_html_mails_are_left_out() -> None:
    html = (
        '<div>It still leaks.<div class="gmail_signature">Li, Shanghai</div></div>'
        '<div class="gmail_quote"><div class="gmail_attr">On Mon Bob wrote:</div><blockquote>old</blockquote></div>'
    )
    mail = parse(mails.raw("From: a@example.org\nContent-Type: text/html", html))
    assert mail.reply_text == "It still leaks."
    assert "old" in mail.text


def test_answers_between_html_quotes_are_kept() -> None:
    html = "<p>On 15 Jan 2024 Bob wrote:</p><blockquote type=cite>one?</blockquote><p>yes</p><blockquote type=cite>two?</blockquote><p>no</p>"
    mail = parse(mails.raw("From: a@example.org\nContent-Type: text/html", html))
    assert [line for line in mail.reply_text.split("\n") if line] == ["yes", "no"]
