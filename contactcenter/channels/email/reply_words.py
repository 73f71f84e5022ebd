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
    r"|исходное\s+сообщение|пересланное\s+сообщение|пересылаемое\s+сообщение|replied\s+message"
    r"|forwarded\s+(?:message|by.{0,80})|weitergeleitete\s+nachricht|message\s+transféré|message\s+transmis|mensaje\s+reenviado"
    r"|mensagem\s+encaminhada|messaggio\s+inoltrato|doorgestuurd\s+bericht|転送メッセージ|전달된\s*메시지"
)
SEPARATOR = re.compile(
    rf"^[\s>*]*[-_=—]{{2,}}[\s\[*]*(?:{_ORIGINAL})[\s\]*:]*[-_=—]{{2,}}\s*$|^[-_=—\s]{{2,}}(?:{_ORIGINAL})\s*$",
    re.IGNORECASE,
)
BEGIN_FORWARDED = re.compile(
    r"^(?:begin forwarded message|anfang der weitergeleiteten nachricht|début du message (?:réexpédié|transféré)"
    r"|inicio del mensaje reenviado|início da mensagem (?:encaminhada|reencaminhada)|inizio messaggio inoltrato"
    r"|begin doorgestuurd bericht|下面是被转发的邮件|以下は転送されたメッセージです|전달된 메시지 시작|начало переадресованного сообщения)\s*[:：]?$",
    re.IGNORECASE,
)
RULE = re.compile(r"^[\s*]*(?:_{5,}|-{5,}|={5,}|—{5,})[\s*]*$")

_FROM = r"from|von|de|da|van|发件人|發件人|寄件者|寄件人|差出人|送信者|보낸\s?사람|보낸이|от|от кого"
_DATE = r"sent|date|gesendet|datum|envoyé(?:\s+le)?|enviado(?:\s+el|\s+em)?|fecha|data|inviato|verzonden|发送时间|發送時間|发送日期|发件时间|寄件日期|传送日期|日期|日付|送信日時|보낸\s?날짜|날짜|отправлено|дата"
_TO = r"to|an|à|a|para|aan|cc|kopie|copie|kopia|收件人|抄送|副本|宛先|받는\s?사람|받는이|참조|кому|копия"
_SUBJECT = r"subject|betreff|objet|asunto|assunto|oggetto|onderwerp|主题|主題|主旨|件名|제목|тема"
_OTHER = r"reply-to|antwort an|importance|priority|attachments|anlagen|wichtigkeit|回复|答复"
HEADER_LINE = re.compile(
    rf"^[\s>*|]*(?:(?P<sender>{_FROM})|(?P<date>{_DATE})|(?P<subject>{_SUBJECT})|(?P<to>{_TO})|(?P<other>{_OTHER}))[\s*|]*[:：](?P<value>.*)$",
    re.IGNORECASE,
)

SIGNATURE_MARK = re.compile(r"^(?:--|—|–)\s*$")
DEVICE_LINE = re.compile(
    r"^[\s*\[(]*(?:"
    r"(?:sent|get outlook|sent using|sent with|sent via)\b.{0,12}\b(?:from|for|with|via|by|using)?\s*(?:my|mail|outlook|yahoo|gmail|the|proton\w*|samsung|iphone|ipad|android|blackberry|huawei|xiaomi|aol|mobile|phone|cloudmagic|spark|airmail|tapatalk).{0,60}"
    r"|get outlook for .{2,20}"
    r"|(?:von|gesendet)\s+(?:meinem|von|mit|aus|über).{0,50}(?:gesendet|iphone|ipad|android|outlook|mail|handy|smartphone|mobil\w*)\b.{0,30}"
    r"|outlook für .{2,20}(?:holen|herunterladen|beziehen)"
    r"|(?:envoyé|télécharg\w+)\s+(?:de|depuis|à partir de|avec|via)\s.{2,50}|obtenir outlook pour .{2,20}"
    r"|(?:enviado)\s+(?:desde|do|de|a partir do|con|via|pelo)\s.{2,50}|obtener outlook para .{2,20}|obter o outlook para .{2,20}"
    r"|inviato\s+(?:da|dal|con)\s.{2,50}|ottieni outlook per .{2,20}"
    r"|(?:verstuurd|verzonden)\s+(?:vanaf|met|via|van)\s.{2,50}|outlook voor .{2,20} downloaden"
    r"|(?:发自|來自|来自|發自|傳送自|从我的|從我的)\s?.{1,30}|从\s?windows\s?版.{0,20}发送|获取\s?outlook\s?for\s?.{2,10}|下載\s?outlook.{0,20}"
    r"|.{0,12}(?:iphone|ipad|android|スマートフォン).{0,6}から送信.{0,4}|outlook for .{2,10}を入手"
    r"|(?:나의|내)?\s?.{0,20}(?:에서 보냄|에서 보낸 이메일입니다)\.?"
    r"|(?:отправлено)\s+(?:с|из|через)\s.{2,50}|скачать outlook для .{2,20}"
    r")[\s*\])]*$",
    re.IGNORECASE,
)
