"""A guess at the charset of a few unnamed bytes: the reading that gives words which people write.

General detectors need a paragraph; a subject has twenty bytes. So the few charsets of real mail are all tried, and
each reading is judged by its characters: everyday ones of that script count for it, odd ones against it.
"""

import re
from collections.abc import Callable

_HANZI_CN = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家"
    "种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把"
    "机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果"
    "加斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更"
    "别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马"
    "科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确"
    "传师观清今切院让识候带导争运订单货款退换投诉服客您请谢收购买送快递物票账户费额修坏尽缺错误查询贵商店价售复您好王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑梁宋唐许邓冯韩曹曾彭蔡潘田董袁余叶蒋杜苏魏程吕"
    "丁沈姚卢傅钟姜崔谭廖范汪陆石戴贾夏邱侯邹熊孟秦江伟芳娜敏静丽强磊洋勇艳杰娟涛超秀霞刚桂英华玉萍红玲芬燕云洁兰梅鹏飞宇浩"
)
_HANZI_TW = frozenset(
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家"
    "種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力它與長把"
    "機十民第公此已工使情明性知全三又關點正業外將兩高間由問很最重並物手應戰向頭文體政美相見被利什二等產或新己制身果"
    "加月話合回特代內信表化老給世位次度門任常先海通教兒原東聲提立及比員解水名真論處走義各入幾口認條平系氣題活更別打"
    "訂單貨款退換投訴服客您請謝收購買送快遞票帳戶費額修壞盡缺錯誤查詢貴商店價售復發王李張劉陳楊黃趙吳周徐孫馬朱胡郭何林羅鄭梁宋唐許鄧馮韓曹曾蔡潘田董袁余葉蔣杜蘇魏程呂"
    "丁沈姚盧鍾姜崔偉芳娜敏靜麗強勇艷傑娟濤超秀霞剛英華玉紅玲燕雲蘭梅鵬飛"
)
_HANGUL = frozenset(
    "이다는의에을가고하지한를은로기사자도리어서나인시대해정들과아그것니라일수전보구있상게제으주부원만장안조선동화적공스"
    "경면오성여신우전유관소미회문습까내거무드국세방연개생실저위모당물중입의의요청합품배송불환문주안녕감교체연락확인되"
    "았었않못왔습니까세요및관련드립니다"
)
_Score = Callable[[str], float]
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fc]")
_CONFIDENT = 0.25
_CASE_JUMP = re.compile("[a-zа-яё][A-ZА-ЯЁ]")


def guess_charset(data: bytes) -> str | None:
    """The best of the everyday charsets for `data`, or None when no reading of it looks like words."""
    scored = [(score(text), name) for name, score in _JUDGES.items() if (text := _read(data, name))]
    best, name = max(scored, default=(0.0, ""), key=lambda pair: pair[0])
    return name if best >= _CONFIDENT else None


def _read(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except UnicodeError:
        return None


def _share(text: str, judge: Callable[[str], float]) -> float:
    """The mean judgement over the characters beyond ASCII."""
    foreign = [char for char in text if not char.isascii()]
    return sum(map(judge, foreign)) / len(foreign) if foreign else 0.0


def _everyday(common: frozenset[str]) -> _Score:
    return lambda text: _share(text, lambda char: _judge_ideograph(char, common))


def _judge_ideograph(char: str, common: frozenset[str]) -> float:
    if char in common:
        return 1.0
    if char in "，。、！？：；（）《》“”":
        return 0.5
    return 0.1 if "\u4e00" <= char <= "\u9fff" else -1.0


def _korean(text: str) -> float:
    return _share(text, _judge_hangul)


def _judge_hangul(char: str) -> float:
    if char in _HANGUL:
        return 1.0
    return 0.2 if "\uac00" <= char <= "\ud7a3" else -0.5


def _japanese(text: str) -> float:
    """Kana are proof; kanji without any kana could be Chinese, half-width kana are mostly misreadings."""
    return _share(text, _judge_japanese)


def _judge_japanese(char: str) -> float:
    if _KANA.match(char):
        return 1.1
    if "\uff61" <= char <= "\uff9f":
        return -0.6
    return 0.35 if "\u4e00" <= char <= "\u9fff" or char in "、。「」・（）" else -0.5


def _russian(text: str) -> float:
    jumps = len(_CASE_JUMP.findall(text))
    return _judge_with_neighbours(text, _judge_cyrillic) - jumps / max(1, len(text)) * 3


def _judge_cyrillic(before: str, char: str, after: str) -> float:
    if any(other.isascii() and other.isalpha() for other in (before, after)):
        return -0.5
    small = char.lower()
    if small in "оеаинтсрвлкмдпу":
        return 0.95
    return 0.7 if small in "яыьгзбчйхжшюцщэфъё" else -0.8


def _western(text: str) -> float:
    """Accented letters stand alone among plain ones: `Größe`, not `ÖÐÎÄ`."""
    return _judge_with_neighbours(text, _judge_accent)


def _judge_accent(before: str, char: str, after: str) -> float:
    beside_plain = any(other.isascii() and other.isalpha() for other in (before, after))
    if char in "äöüßéèêëàâçñáíóúãõôîïìòùûÄÖÜÉÀÇÑåæøÅÆØœ":
        return 0.95 if beside_plain else _judge_lone_accent(before, char, after)
    if char in "€£§°«»“”„‘’–—…¿¡ºª¤\u00a0":
        return 0.4
    return 0.2 if char.isalpha() and beside_plain else -0.6


def _judge_lone_accent(before: str, char: str, after: str) -> float:
    """`à`, `è`, `é`, `ó` are words of their own."""
    return 0.6 if char in "àèéóá" and (before + after).isspace() else -0.5


def _central(text: str) -> float:
    return _judge_with_neighbours(text, _judge_caron)


def _judge_caron(before: str, char: str, after: str) -> float:
    beside_plain = any(other.isascii() and other.isalpha() for other in (before, after))
    if char in "ąćęłńśźĄĆĘŁŃŚŹčďěňřšťůžČĎŘŠŽőűŐŰăâîșțşţ":
        return 0.94 if beside_plain else 0.1
    if char in "óáíéúýäöüçÓÁÍÉżŻ":
        return 0.7 if beside_plain else -0.2
    return -0.6


def _judge_with_neighbours(text: str, judge: Callable[[str, str, str], float]) -> float:
    """The mean judgement over the characters beyond ASCII, each seen between its neighbours."""
    triples = [
        triple for triple in zip(" " + text, text, text[1:] + " ", strict=False) if not triple[1].isascii()
    ]
    return sum(judge(*triple) for triple in triples) / len(triples) if triples else 0.0


_JUDGES: dict[str, _Score] = {
    "gb18030": _everyday(_HANZI_CN),
    "cp950": _everyday(_HANZI_TW),
    "cp932": _japanese,
    "euc-jp": _japanese,
    "cp949": _korean,
    "cp1251": _russian,
    "koi8-r": _russian,
    "cp1252": _western,
    "cp1250": _central,
    "iso-8859-2": _central,
}
