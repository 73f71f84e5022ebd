"""Finds personal data in messages and takes it out before text reaches logs, analytics or a model elsewhere.

A pattern alone is never enough where a number carries a checksum: an order number that merely looks like a card is left
alone. The text is looked at in its NFKC form, so that full-width digits do not hide anything.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from ipaddress import ip_address
from typing import Final, Literal

import phonenumbers

from nlp.text import normalise

Kind = Literal["email", "iban", "cn_id", "card", "ssn", "phone", "ip"]

DEFAULT_REGIONS: Final = ("CN", "GB", "US")

EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9-])"
)
IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30}")
CN_ID = re.compile(r"(?<![0-9A-Za-z])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z])")
CARD = re.compile(r"(?<![0-9A-Za-z])[2-6](?:[ -]?[0-9]){12,18}(?![0-9A-Za-z])")
SSN = re.compile(r"(?<![0-9-])(?!000|666|9)[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4}(?![0-9-])")
PHONE = re.compile(r"(?<![0-9A-Za-z+])(?:\+|\(\+?|00)?[0-9](?:[ .()-]{0,2}[0-9]){6,14}(?![0-9A-Za-z])")
PHONE_GROUP = re.compile(r"(?:\+|\(\+?)?[0-9]+")
PHONE_GROUPS_MOST = 5
DATE = re.compile(
    r"(?:19|20)[0-9]{2}[ .-][0-9]{1,2}[ .-][0-9]{1,2}(?![0-9])|[0-9]{1,2}[ .-][0-9]{1,2}[ .-](?:19|20)[0-9]{2}(?![0-9])"
)
CN_MOBILE = re.compile(r"(?:\+?86|0086)?1[3-9][0-9]{9}")
IP = re.compile(
    r"(?<![0-9.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9.])|(?<![0-9A-Za-z:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{1,4}"
)

# Weights and check characters of a Chinese identity number (GB 11643-1999, ISO 7064 MOD 11-2).
CN_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CN_ID_CHECKS = "10X98765432"

# Country and length, from the IBAN registry (ISO 13616).
IBAN_REGISTRY = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 "
    "FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 "
    "LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 "
    "ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20"
)
IBAN_LENGTHS = {entry[:2]: int(entry[2:]) for entry in IBAN_REGISTRY.split()}


@dataclass(frozen=True, slots=True)
class Span:
    """Personal data at [start, end) of the original text."""

    kind: Kind
    start: int
    end: int


def find(text: str, *, regions: Iterable[str] = DEFAULT_REGIONS, ip: bool = False) -> tuple[Span, ...]:
    """All personal data, in order, without overlaps. National phone numbers are understood for `regions`.

    IP addresses are looked for only on request: in support mail they are mostly those of machines.
    """
    mapped = normalise(text)
    taken: list[tuple[int, int]] = []
    spans: list[Span] = []
    for kind, detect in detectors(tuple(regions), ip=ip):
        for start, end in detect(mapped.text):
            if all(end <= first or start >= last for first, last in taken):
                taken.append((start, end))
                spans.append(Span(kind, *mapped.original_span(start, end)))
    return tuple(sorted(spans, key=lambda span: span.start))


def redact(text: str, spans: Iterable[Span] | None = None) -> str:
    """The text with `[email]`, `[phone]` … in place of personal data."""
    parts: list[str] = []
    at = 0
    for span in find(text) if spans is None else spans:
        parts += [text[at : span.start], f"[{span.kind}]"]
        at = span.end
    return "".join([*parts, text[at:]])


Detector = Callable[[str], Iterator[tuple[int, int]]]


def detectors(regions: tuple[str, ...], *, ip: bool) -> list[tuple[Kind, Detector]]:
    """The surest first: what one has taken, a later one may not touch."""
    chosen: list[tuple[Kind, Detector]] = [
        ("email", lambda text: (match.span() for match in EMAIL.finditer(text))),
        ("iban", iban_spans),
        ("cn_id", lambda text: checked(CN_ID, text, is_cn_id)),
        ("card", lambda text: checked(CARD, text, is_card)),
        ("ssn", lambda text: (match.span() for match in SSN.finditer(text))),
    ]
    if ip:
        chosen.append(("ip", lambda text: checked(IP, text, is_ip)))
    chosen.append(("phone", lambda text: phone_spans(text, regions)))
    return chosen


def checked(pattern: re.Pattern[str], text: str, is_real: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
    return (match.span() for match in pattern.finditer(text) if is_real(match.group()))


def iban_spans(text: str) -> Iterator[tuple[int, int]]:
    """The pattern may run on into the next word in capitals; the country says where the number ends."""
    for match in IBAN.finditer(text):
        wanted = IBAN_LENGTHS.get(match.group()[:2], 0)
        end, seen = match.start(), 0
        while end < match.end() and seen < wanted:
            seen += text[end] != " "
            end += 1
        if wanted and seen == wanted and is_iban(text[match.start() : end].replace(" ", "")):
            yield match.start(), end


def is_iban(number: str) -> bool:
    """ISO 7064 MOD 97-10 over the number with its first four characters moved to the end."""
    return int("".join(str(int(character, 36)) for character in number[4:] + number[:4])) % 97 == 1


def is_cn_id(number: str) -> bool:
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(CN_ID_WEIGHTS, number, strict=False))
    return born.year >= 1850 and CN_ID_CHECKS[total % 11] == number[-1].upper()


def is_card(number: str) -> bool:
    """A number range that card networks use, and the Luhn checksum (ISO/IEC 7812-1)."""
    digits = re.sub(r"\D", "", number)
    lengths = {"4": (13, 16, 19), "5": (16,), "2": (16,), "3": (14, 15, 16), "6": (16, 17, 18, 19)}[digits[0]]
    if len(digits) not in lengths or len(set(digits)) == 1:
        return False
    doubled = [2 * int(digit) for digit in digits[-2::-2]]
    return (sum(map(int, digits[-1::-2])) + sum(value - 9 * (value > 9) for value in doubled)) % 10 == 0


def phone_spans(text: str, regions: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """A run of digit groups may hold other numbers beside the telephone's: the longest part that is one counts."""
    for match in PHONE.finditer(text):
        groups = [group.span() for group in PHONE_GROUP.finditer(text, *match.span())]
        first = 0
        while first < len(groups):
            ends = range(min(len(groups), first + PHONE_GROUPS_MOST), first, -1)
            start = groups[first][0]
            last = next((last for last in ends if is_phone(text[start : groups[last - 1][1]], regions)), None)
            if last is not None:
                yield start, groups[last - 1][1]
            first = first + 1 if last is None else last


def is_phone(number: str, regions: tuple[str, ...]) -> bool:
    """A bare run of digits counts only as a Chinese mobile or with a leading 0 or +: else it may be any number."""
    digits = re.sub(r"[^0-9+]", "", number)
    if not 7 <= len(digits) <= 16 or any(len(group) < 2 for group in re.findall("[0-9]+", number)[1:]):
        return False
    if CN_MOBILE.fullmatch(digits):
        return "CN" in regions or digits.startswith(("+", "00"))
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if digits.startswith("+"):
        return is_valid_number(digits, None)
    if DATE.search(number) or (number.isdigit() and not number.startswith("0")):
        return False
    return any(is_valid_number(digits, region) for region in regions)


def is_valid_number(digits: str, region: str | None) -> bool:
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(digits, region)))
    except phonenumbers.NumberParseException:
        return False


def is_ip(address: str) -> bool:
    try:
        ip_address(address)
    except ValueError:
        return False
    return True
