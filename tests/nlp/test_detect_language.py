"""The language of a message, even of a short or a mixed one."""

import pytest

from nlp.language import UNKNOWN, detect


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Where is my parcel?", "en"),
        ("我的包裹在哪里？", "zh"),
        ("請問訂單到哪裡了", "zh"),
        ("我的 order 一直 pending", "zh"),
        ("Please change the name to 王丽, thank you", "en"),
        ("资料发到 wang.li@mail.example.com 或 https://example.com/upload/form", "zh"),
        ("注文はどこですか", "ja"),
        ("配送状況を教えてください", "ja"),
        ("배송 언제 와요?", "ko"),
        ("Где моя посылка?", "ru"),
        ("أين طلبي؟", "ar"),
        ("मेरा ऑर्डर कहाँ है", "hi"),
        ("พัสดุอยู่ที่ไหน", "th"),
        ("Πού είναι η παραγγελία μου;", "el"),
        ("איפה החבילה שלי", "he"),
    ],
)
def test_script_decides(text: str, language: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize("text", ["", "  ", "12345", "?!", "👍👍"])
def test_text_without_letters_has_no_language(text: str) -> None:
    assert detect(text) == UNKNOWN


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Où est mon colis ? Je l'attends depuis lundi.", "fr"),
        ("Wo bleibt meine Bestellung? Ich warte seit Montag.", "de"),
        ("Where is my parcel? I have been waiting since Monday.", "en"),
    ],
)
def test_latin_script_is_decided_among_the_configured_languages(text: str, language: str) -> None:
    assert detect(text, ("en", "fr", "de", "zh")) == language


def test_a_language_that_is_not_configured_is_never_chosen_for_latin_script() -> None:
    assert detect("Wo bleibt meine Bestellung? Ich warte seit Montag.", ("en", "zh")) == "en"
    assert detect("Wo bleibt meine Bestellung?", ("zh",)) == UNKNOWN


def test_cyrillic_is_decided_among_the_configured_languages() -> None:
    assert detect("Де моє замовлення? Чекаю вже тиждень.", ("en", "ru", "uk")) == "uk"
