"""The stages of the state service, which the provider tells the monitoring system of: clause 25."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from docflow.core.regulations import Clause, Text
from docflow.regulations.krg.act import KRG

REPORTED_BY = KRG.clause("25")


@dataclass(frozen=True)
class Stage:
    """A stage, the clause that asks for it, and what reaches it.

    ``reached_by`` are steps of the application itself, or types of document about the applicant that enter force.
    """

    title: Text
    clause: Clause
    reached_by: tuple[str, ...]


# In the order in which the service takes them.
STAGES: Mapping[str, Stage] = {
    "filed": Stage(Text("өтініш берілді", "заявление подано", "filed"), KRG.clause("21 ¶2"), ("sign",)),
    "accepted": Stage(Text("өтініш қабылданды", "заявление принято", "accepted"), KRG.clause("23 ¶2"), ("accept",)),
    "refused": Stage(
        Text("өтінішті қараудан бас тартылды", "в рассмотрении отказано", "refused"), KRG.clause("23 ¶2"), ("refuse",)
    ),
    "withdrawn": Stage(
        Text("өтініш кері алынды", "заявление отозвано", "withdrawn"), KRG.appendix(4), ("withdraw", "decline")
    ),
    "notified": Stage(
        Text("хабарлама жіберілді", "уведомление направлено", "notified"),
        KRG.clause("23 ¶2"),
        ("acceptance_notice", "refusal_notice"),
    ),
    "summarised": Stage(
        Text("талдамалық жинақтау қорытындысы", "заключение аналитического обобщения", "summary concluded"),
        KRG.clause("29"),
        ("analytical_summary",),
    ),
    "decided": Stage(
        Text("комиссия шешімі", "решение комиссии", "decision of the commission"),
        KRG.clause("23 ¶5"),
        ("teacher_protocol", "head_protocol"),
    ),
    "extract": Stage(
        Text("хаттамадан үзінді", "выписка из протокола", "extract of the protocol"),
        KRG.clause("20"),
        ("teacher_extract", "head_extract"),
    ),
    "certificate": Stage(
        Text("электрондық куәлік берілді", "электронное удостоверение выдано", "certificate issued"),
        KRG.clause("23 ¶6"),
        ("category_certificate",),
    ),
}
