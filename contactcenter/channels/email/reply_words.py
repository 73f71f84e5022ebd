"""The words by which mail programs mark what they quote and sign, in the languages of our customers, as patterns."""

import re

# "On … wrote:" — verbs that end an attribution line.
_WROTE = (
    r"wrote|writes|schrieb|geschrieben|a écrit|ecrit|écrit|escribi[óo]|escreveu|ha scritto|schreef|geschreven"
    r"|写道|寫道|写了|寫了|来信|說道|书きました|書きました|のメッセージ|作成|작성|썼습니다|님의 말|написал(?:\(а\)|а)?|пишет|писал(?:\(а\)|а)?"
    r"|napisał(?:\(a\)|a)?|skrev|napsal(?:\(a\)|a)?|yazdı|kirjoitti|írta|a scris"
)
WROTE = re.compile(
    rf"(?:{_WROTE})\s*(?:[（(][^()（）]{{0,60}}[)）])?\s*[:：]?\s*[*]?$|\b(?:wrote|schrieb|schreef|skrev)\b.{{0,120}}[:：]$",
    re.IGNORECASE,
)
# How such a line begins; only together with digits and one of the endings.
ATTRIBUTION_START = re.compile(
    r"(?:(?:On|Am|Le|El|Em|Il|Op|Den|Dne|At|W dniu|Dnia|Il giorno)\s.{0,40}\d|(?:在|於|于)\s?.{0,24}\d"
    r"|\d{4}\s?[年년.\-/]|\d{1,2}[./]\d{1,2}[./]\d{2,4}"
    r"|(?:пн|вт|ср|чт|пт|сб|вс|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье)\b.{0,20}\d)",
    re.IGNORECASE,
)
HAS_ADDRESS = re.compile(r"[^\s<>@]{1,100}@[^\s<>@]{1,100}")
HAS_DATE = re.compile(r"\d{1,2}[:.h]\d{2}|(?:19|20)\d{2}|\d{1,2}[./-]\d{1,2}[./-]\d{2}")

_ORIGINAL = (
    r"original(?:\s+(?:message|e-?mail|appointment))?|ursprüngliche\s+(?:nachricht|e-mail)|original-?nachricht"
    r"|message\s+d['’]origine|message\s+original|mail\s+original|message\s+initial|e-?mail\s+d['’]origine"
    r"|mensaje\s+original|correo\s+original|mensagem\s+original|messaggio\s+originale|oorspronkelijk\s+bericht"
    r"|原始邮件|原始郵件|原邮件|原郵件|原始信件|邮件原件|回复的原邮件|回覆的原郵件|回复的邮件|转发邮件信息|转发的邮件|轉寄郵件"
    r"|元のメッセージ|オリジナルメッセージ|원본\s*메시지|원본\s*메일|받은\s*메일\s*내용"
    r"|oprindelig\s+(?:besked|meddelelse)|opprinnelig\s+melding|ursprungligt\s+meddelande|wiadomość\s+oryginalna"
    r"|oryginalna\s+wiadomość|alkuperäinen\s+viesti|původní\s+zpráva"
    r"|исходное\s+сообщение|пересланное\s+сообщение|пересылаемое\s+сообщение|replied\s+message"
    r"|forwarded\s+(?:message|by.{0,80})|weitergeleitete\s+nachricht|message\s+transféré|message\s+transmis|mensaje\s+reenviado"
    r"|mensagem\s+encaminhada|messaggio\s+inoltrato|doorgestuurd\s+bericht|転送メッセージ|전달된\s*메시지"
)
# Zoho writes its attribution between dashes.
_ZOHO = r"^-{2,}\s+On\s.{6,160}\swrote\s+-{2,}$"
SEPARATOR = re.compile(
    rf"^[\s>*]*[-_=—]{{2,}}[\s\[*]*(?:{_ORIGINAL})[\s\]*:]*[-_=—]{{2,}}\s*$|^[-_=—\s]{{2,}}(?:{_ORIGINAL})\s*$|{_ZOHO}",
    re.IGNORECASE,
)
BEGIN_FORWARDED = re.compile(
    r"^(?:begin forwarded message|anfang der weitergeleiteten nachricht|début du message (?:réexpédié|transféré)"
    r"|inicio del mensaje reenviado|início da mensagem (?:encaminhada|reencaminhada)|inizio messaggio inoltrato"
    r"|begin doorgestuurd bericht|下面是被转发的邮件|以下は転送されたメッセージです|전달된 메시지 시작|начало переадресованного сообщения)\s*[:：]?$",
    re.IGNORECASE,
)
RULE = re.compile(r"^[\s*]*(?:_{5,}|-{5,}|={5,}|—{5,})[\s*]*$")

_FROM = r"from|von|de|da|van|发件人|發件人|寄件者|寄件人|差出人|送信者|보낸\s?사람|보낸이|от|от кого|fra|från|od|lähettäjä"
_DATE = r"sent|date|gesendet|datum|envoyé(?:\s+le)?|enviado(?:\s+el|\s+em)?|fecha|data|inviato|verzonden|发送时间|發送時間|发送日期|发件时间|寄件日期|传送日期|日期|日付|送信日時|보낸\s?날짜|날짜|отправлено|дата|dato|skickat|wysłano|odesláno|lähetetty|päivämäärä"
_TO = r"to|an|à|a|para|aan|cc|kopie|copie|kopia|收件人|抄送|副本|宛先|받는\s?사람|받는이|참조|кому|копия|til|till|do|komu|vastaanottaja|kopi|kopiera"
_SUBJECT = r"subject|betreff|objet|asunto|assunto|oggetto|onderwerp|主题|主題|主旨|件名|제목|тема|emne|ämne|temat|předmět|aihe"
_OTHER = r"reply-to|antwort an|importance|priority|attachments|anlagen|wichtigkeit|回复|答复"
HEADER_LINE = re.compile(
    rf"^[\s>*|]*(?:(?P<sender>{_FROM})|(?P<date>{_DATE})|(?P<subject>{_SUBJECT})|(?P<to>{_TO})|(?P<other>{_OTHER}))[\s*|]*[:：](?P<value>.*)$",
    re.IGNORECASE,
)

SIGNATURE_MARK = re.compile(r"^(?:--|—|–)\s*$")
# Only looked for at the end of what somebody wrote, so they may be broad.
DEVICE_LINE = re.compile(
    r"^[\s*\[(<]*(?:"
    r"(?:sent|get outlook|download outlook)\s+(?:from|via|with|by|using|for)\b.{1,90}"
    r"|(?:von|diese nachricht wurde)\b.{1,80}gesendet.{0,3}|gesendet\s+(?:von|mit|aus|über)\b.{1,60}"
    r"|outlook für .{2,40}"
    r"|envoyée?\s.{2,80}|(?:télécharge[rz]?|obtenir|obtenez)\s+outlook.{2,80}"
    r"|enviad[oa]\s.{2,80}|(?:obtener|descargar|obter|baixar)\s+(?:o\s+)?outlook.{2,80}"
    r"|inviat[oa]\s.{2,80}|(?:ottieni|scarica)\s+outlook.{2,80}"
    r"|(?:verstuurd|verzonden)\s.{2,80}|(?:download\s+)?outlook voor .{2,60}"
    r"|(?:发自|發自|发送自|傳送自|传送自)\s?.{1,40}|[来來]自.{0,20}(?:手机|手機|iphone|ipad|android|邮箱|郵箱).{0,10}"
    r"|[从從].{1,20}(?:发送|發送|傳送|传送)|(?:获取|獲取|取得|下載|下载)\s?outlook.{0,40}"
    r"|.{0,30}から送信.{0,6}|outlook for .{2,20}を入手.{0,40}"
    r"|.{0,30}에서 (?:보냄|보낸).{0,14}"
    r"|отправлено\s+(?:с|из|через)\s.{2,60}|(?:скачать|скачайте)\s+outlook.{2,80}"
    r")$",
    re.IGNORECASE,
)
