"""Sentences: shown in the reader's language, kept in none."""

import json

import pytest

from docflow.core import messages
from docflow.core.messages import Message, _l, translated_by
from docflow.core.regulations import Text

SCAN = Text("жеке куәліктің көшірмесі", "копия удостоверения личности", "copy of the identity card")


def test_without_a_translator_a_sentence_is_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "_fallback", [])  # an application of another test may have installed its own
    assert str(_l("Attach: %(title)s.", title=SCAN)) == "Attach: copy of the identity card."


def test_words_of_an_act_are_shown_in_the_language_of_the_sentence() -> None:
    with translated_by({"Attach: %(title)s.": "Қоса тіркеңіз: %(title)s."}.__getitem__, language="kk"):
        assert str(_l("Attach: %(title)s.", title=SCAN)) == "Қоса тіркеңіз: жеке куәліктің көшірмесі."


def test_a_sentence_inside_a_sentence_is_translated_with_it() -> None:
    words = {"Done: %(step)s.": "Орындалды: %(step)s.", "Sign": "Қол қою"}
    with translated_by(words.__getitem__, language="kk"):
        assert str(_l("Done: %(step)s.", step=_l("Sign"))) == "Орындалды: Қол қою."


def test_a_kept_sentence_is_read_by_each_in_his_own_language() -> None:
    message = _l("Attach: %(title)s. %(then)s", title=SCAN, then=_l("Row %(row)s:", row=3))
    with translated_by(str, language="kk"):
        kept = json.loads(json.dumps(message.as_json()))
    with translated_by(str, language="ru"):
        assert str(Message.from_json(kept)) == "Attach: копия удостоверения личности. Row 3:"


def test_a_sentence_is_escaped_where_pages_ask_for_markup() -> None:
    assert _l("<b>%(name)s</b>", name="A & B").__html__() == "&lt;b&gt;A &amp; B&lt;/b&gt;"
