"""KRG: joint order No. 153, No. 354/НҚ of 20 June 2024 on the pilot attestation in Karaganda region."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from docflow.core.regulations import Edition, Regulation, Text
from docflow.regulations.krg.clauses import APPENDICES, CLAUSES
from docflow.regulations.notation import annual, decided, left_open, table, term, threshold

# Stands under the title of the order since its end.
EXPIRED_MARK = Text("Мерзімі біткен", "", "Expired")

# No unit stands where the title already says what is counted.
THRESHOLDS = table(
    threshold("commission_members_min", 7, "persons", CLAUSES["17"]),
    threshold("commission_quorum", Fraction(2, 3), "share", CLAUSES["18"]),
    threshold("member_experience_years_min", 10, "years", CLAUSES["14"]),
    threshold("attestations_per_school_year_max", 1, "times", APPENDICES["4"]),
    threshold("essay_words_min", 250, "", CLAUSES["27 ¶2"]),
    threshold("essay_words_max", 300, "", CLAUSES["27 ¶2"]),
    threshold("observation_sheets_min", 5, "", APPENDICES["8"]),
    threshold("observation_points_max", 102, "", APPENDICES["9"]),
    threshold("observation_mean_moderator", 61, "", APPENDICES["8"]),
    threshold("observation_mean_expert", 71, "", APPENDICES["8"]),
    threshold("observation_mean_researcher", 81, "", APPENDICES["8"]),
    threshold("observation_mean_master", 91, "", APPENDICES["8"]),
    threshold("feedback_sheets_moderator", 4, "", APPENDICES["8"]),
    threshold("feedback_sheets_expert", 5, "", APPENDICES["8"]),
    threshold("feedback_sheets_researcher", 6, "", APPENDICES["8"]),
    threshold("feedback_sheets_master", 7, "", APPENDICES["8"]),
    threshold("joint_authors_max", 3, "persons", APPENDICES["8"]),
    threshold("spread_districts_min", 3, "", CLAUSES["31(4)"]),
    threshold("spread_regions_min", 3, "", CLAUSES["31(5)"]),
    threshold("pd_hours_moderator", 72, "academic_hours", APPENDICES["8"]),
    threshold("pd_hours_expert", 72, "academic_hours", APPENDICES["8"]),
    threshold("pd_hours_researcher", 80, "academic_hours", APPENDICES["8"]),
    threshold("pd_hours_master", 108, "academic_hours", APPENDICES["8"]),
    # Preschool organisations, and methodists of methodical cabinets.
    threshold("pd_hours_preschool_moderator", 36, "academic_hours", APPENDICES["8"]),
    threshold("pd_hours_preschool_expert", 36, "academic_hours", APPENDICES["8"]),
    threshold("pd_hours_preschool_researcher", 72, "academic_hours", APPENDICES["8"]),
    threshold("pd_hours_preschool_master", 80, "academic_hours", APPENDICES["8"]),
    threshold("pd_hours_head_third", 72, "academic_hours", APPENDICES["11"]),
    threshold("pd_hours_head_second", 80, "academic_hours", APPENDICES["11"]),
    threshold("pd_hours_head_first", 108, "academic_hours", APPENDICES["11"]),
    threshold("pd_hours_preschool_head_third", 36, "academic_hours", APPENDICES["11"]),
    threshold("pd_hours_preschool_head_second", 72, "academic_hours", APPENDICES["11"]),
    threshold("pd_hours_preschool_head_first", 80, "academic_hours", APPENDICES["11"]),
    threshold("pd_hours_cabinet_head_third", 36, "academic_hours", APPENDICES["11"]),
    threshold("pd_hours_cabinet_head_second", 72, "academic_hours", APPENDICES["11"]),
    # «72 сағаттан астам»: more than 72, where every other row says from how many.
    threshold("pd_hours_cabinet_head_first_over", 72, "academic_hours", APPENDICES["11"]),
    threshold("site_updates_per_month_min", 2, "times", APPENDICES["11"]),
    threshold("unt_points_min", 120, "", APPENDICES["11"]),
    threshold("inclusive_share_third", Fraction(50, 100), "share", APPENDICES["11"]),
    threshold("inclusive_share_second", Fraction(60, 100), "share", APPENDICES["11"]),
    threshold("inclusive_share_first", Fraction(70, 100), "share", APPENDICES["11"]),
    threshold("experience_years_teacher", 1, "years", CLAUSES["31(1)"]),
    threshold("experience_years_moderator", 2, "years", CLAUSES["31(2)"]),
    threshold("experience_years_expert", 3, "years", CLAUSES["31(3)"]),
    threshold("experience_years_researcher", 5, "years", CLAUSES["31(4)"]),
    threshold("experience_years_master", 6, "years", CLAUSES["31(5)"]),
    threshold("additional_education_years_min", 5, "years", CLAUSES["31(1)"]),
    threshold("early_criteria_expert", 4, "", CLAUSES["42(1)"]),
    threshold("early_criteria_listed_expert", 8, "", CLAUSES["42(1)"]),
    threshold("early_criteria_researcher", 5, "", CLAUSES["42(2)"]),
    threshold("early_criteria_listed_researcher", 7, "", CLAUSES["42(2)"]),
    threshold("early_criteria_master", 6, "", CLAUSES["42(3)"]),
    threshold("early_criteria_listed_master", 7, "", CLAUSES["42(3)"]),
    threshold("doctor_years_researcher_min", 3, "years", CLAUSES["42(2)"]),
    threshold("doctor_years_master_min", 5, "years", CLAUSES["42(3)"]),
    threshold("production_years_moderator_min", 5, "years", CLAUSES["6 ¶2"]),
    threshold("production_years_expert_over", 10, "years", CLAUSES["6 ¶3"]),
    threshold("special_programme_levels_up", 1, "", CLAUSES["10 ¶3"]),
    threshold("confirmation_levels_down", 1, "", CLAUSES["30 ¶2"]),
)

TERMS = table(
    term("order_copy", 5, "working_days", CLAUSES["№ 153 (6)"]),
    term("teacher_category_validity", 5, "years", CLAUSES["3"]),
    term("deputy_category_validity", 5, "years", CLAUSES["43"]),
    term("head_category_validity", 3, "years", CLAUSES["43"]),
    term("session_without_attestation", 5, "working_days", CLAUSES["6 ¶4"]),
    term("graduate_within", 5, "years", CLAUSES["7 ¶2"]),
    term("commission_mandate", 1, "years", CLAUSES["16"]),
    term("protocol_extract", 3, "working_days", CLAUSES["20"]),
    term("list_publication", 15, "working_days", CLAUSES["20"]),
    term("application_notice", 1, "working_days", CLAUSES["23 ¶2"]),
    term("contact_centre_notice", 3, "working_days", CLAUSES["25 ¶2"]),
    term("complaint_forwarding", 3, "working_days", CLAUSES["26 ¶3"]),
    term("complaint_provider", 5, "working_days", CLAUSES["26 ¶5"]),
    term("complaint_quality_body", 15, "working_days", CLAUSES["26 ¶6"]),
    term("reentry_break_max", 5, "years", CLAUSES["31(1)"]),
    term("category_retention_max", 2, "years", CLAUSES["34"]),
    term("child_care_until", 3, "years", CLAUSES["34(2)"]),
    term("transfer_retention_left", 1, "years", CLAUSES["34(5)"]),
    term("prepension_under", 4, "years", CLAUSES["35"]),
    term("quality_dynamics", 3, "years", APPENDICES["8"]),
    term("early_attestation_after", 2, "years", CLAUSES["42"]),
    term("head_application_before", 6, "months", CLAUSES["43 ¶2"]),
    term("head_early_achievement", 2, "years", CLAUSES["47"]),
    term("head_extract", 3, "working_days", CLAUSES["47 ¶2"]),
)

# Day and month. Clause 13 names 1 September 2024, the only one while the order is in force. For 2024
# applications were taken from June to August (Appendix 4, row 10), once.
ANNUAL_DATES = table(
    annual("commission_formed", 1, 9, CLAUSES["13"]),
    annual("applications_open", 1, 9, APPENDICES["4"]),
    annual("applications_close", 31, 12, APPENDICES["4"]),
)

SETTINGS = table(
    # The order is over. Whoever goes on under it names an order of its own; empty means: do not go on.
    left_open("continued_by_order", (), "", CLAUSES["№ 153 (9)"]),
    # Printed by category under the sheets, nowhere said to be what a category needs; read so in practice.
    left_open("portfolio_totals_decide", ("yes", "no"), "yes", APPENDICES["8"]),
    # Printed totals are what people were judged by; krg.sheets has both figures.
    left_open("portfolio_figures", ("printed", "summed"), "printed", APPENDICES["11"]),
    # No scale is printed; 34 descriptors from 0 to 3 make the printed maximum of 102.
    left_open("observation_level_max", ("3", "4", "5"), "3", APPENDICES["9"]),
    # The third sheet prints 36 lines; with 0 to 3 they make 108.
    left_open("observation_excess", ("normalise", "cap"), "normalise", APPENDICES["9"]),
    left_open("observation_mean_rounding", ("none", "half_up"), "none", APPENDICES["8"]),
    # Clause 30 needs a pass mark that the order does not state; empty: the commission enters the outcome.
    left_open("knowledge_pass_mark", (), "", CLAUSES["30"]),
    # Of those present: only then can votes be equal, as 18 ¶2 foresees (the composition is odd).
    left_open("majority_of", ("present", "composition"), "present", CLAUSES["18 ¶2"]),
    left_open("term_first_day", ("next_day", "event_day"), "next_day", CLAUSES["20"]),
    left_open("retention_from", ("decision", "expiry"), "decision", CLAUSES["34"]),
    left_open("category_valid_from", ("order", "decision"), "order", CLAUSES["3"]),
    # «31 желтоқсанына дейін»: nobody is late who applies on the last day.
    left_open("applications_close_counts", ("included", "excluded"), "included", APPENDICES["4"]),
    # 79-84, 85-93 and so on leave 110 and more without a category.
    left_open("language_scores", ("minimum", "range"), "minimum", CLAUSES["8"]),
    left_open("language_tkt", ("commission", "all", "any"), "commission", CLAUSES["8(3)"]),
    left_open("language_keeps_sequence", ("commission", "yes", "no"), "commission", CLAUSES["8"]),
    # Appendix 11 lets a member recommend what clause 46 does not let the commission decide.
    left_open("re_attestation", ("recommendation", "not_conforming"), "recommendation", APPENDICES["11"]),
    # Appendix 7 refuses an application, clause 23 its further consideration.
    left_open("refusal_notice_title", ("form", "clause"), "form", APPENDICES["7"]),
    # Who holds the commission; the order is that of a pilot in one region.
    left_open("authority", ("organisation", "district", "region", "ministry"), "region", CLAUSES["13"]),
    # Every member fills a sheet of his own; how several make one result is not said.
    left_open("portfolio_result", ("mean", "lowest"), "mean", CLAUSES["29"]),
    # The members confirm that the materials conform; whether on a paper of its own is not said.
    left_open("analytical_summary", ("optional", "required"), "optional", CLAUSES["29"]),
    # A bracket opens before «әдістемелік кабинеттердің» and is not closed.
    left_open("region_master_for", ("methodists", "all"), "methodists", CLAUSES["13(3)"]),
    # «(Т.А.Ә. (болған жағдайда), қолы)» stands under the holder's name, likely by mistake.
    left_open("holder_signs_certificate", ("no", "yes"), "no", APPENDICES["1"]),
    decided("name_order", "surname_first", APPENDICES["3"]),
)

KRG = Regulation(
    code="KRG",
    title=Text(
        "Қарағанды облысы бойынша Педагогтің үздіксіз кәсіби дамуының Ұлттық платформасы арқылы педагогтерді "
        "аттестаттаудан өткізу жөніндегі пилоттық жобаны іске асыру туралы",
        "",
        "Pilot project of attesting teachers of Karaganda region through the National Platform of continuous "
        "professional development",
    ),
    short_title=Text("№ 153 бұйрықтың Алгоритмі", "Алгоритм приказа № 153", "Algorithm of Order No. 153"),
    languages=("kk",),
    editions=(
        Edition(
            "No. 153, No. 354/НҚ",
            # Both ministers signed on the same day.
            valid_from=date(2024, 6, 20),
            # «31 желтоқсанға дейін»: read with the last day, as the mark of expiry names 31.12.2024.
            valid_to=date(2024, 12, 31),
            basis=Text(
                "Қазақстан Республикасы Оқу-ағарту министрінің м.а. 2024 жылғы 20 маусымдағы № 153 және Қазақстан "
                "Республикасының Цифрлық даму, инновациялар және аэроғарыш өнеркәсібі министрінің 2024 жылғы 20 "
                "маусымдағы № 354/НҚ бірлескен бұйрығы",
                "",
            ),
            note=Text(
                "Осы бірлескен бұйрық оған мемлекеттік органдар басшыларының соңғысы қол қойған күннен бастап "
                "қолданысқа енгізіледі және 2024 жылғы 31 желтоқсанға дейін қолданыста болады.",
                "",
            ),
        ),
    ),
    clauses=CLAUSES,
    appendices=APPENDICES,
    thresholds=THRESHOLDS,
    terms=TERMS,
    settings=SETTINGS,
    annual_dates=ANNUAL_DATES,
    papers_of_others=(
        (
            Text(
                "Алгоритмнің өзектендірілген мәтіні (Бірыңғай байланыс орталығына)",
                "Актуализированный текст Алгоритма (в Единый контакт-центр)",
                "The Algorithm brought up to date (for the single contact centre)",
            ),
            CLAUSES["25 ¶2"],
            Text("орталық мемлекеттік орган", "центральный государственный орган", "the central state body"),
        ),
        (
            Text(
                "Апелляциялық комиссияның ПББ нәтижелері туралы шешімі",
                "Решение апелляционной комиссии о результатах ОЗП",
                "Decision of the appeal commission on the knowledge test",
            ),
            CLAUSES["2(6)"],
            Text(
                "білім беру саласындағы уәкілетті орган құратын апелляциялық комиссия",
                "апелляционная комиссия, которую создаёт уполномоченный орган в области образования",
                "the appeal commission that the authorised body in education forms",
            ),
        ),
    ),
    source="Text with the note of the Institute of Legislation (ЗҚАИ), marked «Мерзімі біткен»",
)
