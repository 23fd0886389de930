"""How pages name the categories, thresholds, terms and settings of the attestation pack."""

from __future__ import annotations

from collections.abc import Mapping

from docflow.core.regulations import Text

# The keys are ours: the order spells «санаттағы басшы» and «санатты басшы» side by side.
TEACHER_CATEGORIES: Mapping[str, Text] = {
    "trainee": Text("педагог-тағылымдамашы", "педагог-стажер", "trainee teacher"),
    "teacher": Text("педагог", "педагог", "teacher"),
    "moderator": Text("педагог-модератор", "педагог-модератор", "teacher-moderator"),
    "expert": Text("педагог-сарапшы", "педагог-эксперт", "teacher-expert"),
    "researcher": Text("педагог-зерттеуші", "педагог-исследователь", "teacher-researcher"),
    "master": Text("педагог-шебер", "педагог-мастер", "master teacher"),
}

HEAD_CATEGORIES: Mapping[str, Text] = {
    "third": Text("үшінші санаттағы басшы", "руководитель третьей категории", "head, third category"),
    "second": Text("екінші санаттағы басшы", "руководитель второй категории", "head, second category"),
    "first": Text("бірінші санаттағы басшы", "руководитель первой категории", "head, first category"),
}

DEPUTY_CATEGORIES: Mapping[str, Text] = {
    "third": Text(
        "үшінші санаттағы басшының орынбасары", "заместитель руководителя третьей категории", "deputy, third category"
    ),
    "second": Text(
        "екінші санаттағы басшының орынбасары", "заместитель руководителя второй категории", "deputy, second category"
    ),
    "first": Text(
        "бірінші санаттағы басшының орынбасары", "заместитель руководителя первой категории", "deputy, first category"
    ),
}

ORDINALS: Mapping[str, Text] = {
    "third": Text("үшінші санат", "третья категория", "third category"),
    "second": Text("екінші санат", "вторая категория", "second category"),
    "first": Text("бірінші санат", "первая категория", "first category"),
}


def _of_each(name: str, title: Text, categories: Mapping[str, Text]) -> dict[str, Text]:
    """Name one number for each category: the title, and the category behind a dash."""
    return {
        f"{name}_{key}": Text(
            f"{title.kk} – {category.kk}", f"{title.ru} – {category.ru}", f"{title.en} – {category.en}"
        )
        for key, category in categories.items()
    }


_ASSIGNED = {key: TEACHER_CATEGORIES[key] for key in ("moderator", "expert", "researcher", "master")}
_EARLY = {key: TEACHER_CATEGORIES[key] for key in ("expert", "researcher", "master")}

KRG_NAMES: Mapping[str, Text] = {
    # The commission
    "commission_members_min": Text("Комиссия мүшелері, кемінде", "Членов комиссии, не менее", "Commission, at least"),
    "commission_quorum": Text(
        "Комиссия отырысына қатысу үлесі, кемінде",
        "Доля состава комиссии на заседании, не менее",
        "Share of the commission present, at least",
    ),
    "member_experience_years_min": Text(
        "Комиссия мүшесі-педагогтің жұмыс өтілі, кемінде",
        "Стаж педагога – члена комиссии, не менее",
        "Service of a teacher who is a member, at least",
    ),
    "commission_mandate": Text(
        "Комиссияның өкілеттік мерзімі", "Срок полномочий комиссии", "Mandate of the commission"
    ),
    "commission_formed": Text("Комиссияларды құру", "Создание комиссий", "Forming of the commissions"),
    # Intake
    "attestations_per_school_year_max": Text(
        "Оқу жылында аттестаттау, ең көбі", "Аттестаций в учебном году, не более", "Attestations a school year, at most"
    ),
    "applications_open": Text("Өтініш қабылдаудың басталуы", "Начало приема заявлений", "Applications open"),
    "applications_close": Text("Өтініш қабылдаудың аяқталуы", "Окончание приема заявлений", "Applications close"),
    "application_notice": Text(
        "Өтінішті қабылдау не бас тарту туралы хабарлама",
        "Уведомление о приеме заявления или об отказе",
        "Notice of acceptance or refusal",
    ),
    "head_application_before": Text(
        "Басшының санат мерзімі аяқталғанға дейін өтініші",
        "Заявление руководителя до окончания срока категории",
        "A head's application before the category ends",
    ),
    "early_attestation_after": Text(
        "Кезекті аттестаттаудан кейін мерзімінен бұрын, кемінде",
        "Досрочно после очередной аттестации, не ранее чем через",
        "Early, after the regular attestation, at least",
    ),
    "head_early_achievement": Text(
        "Басшының мерзімінен бұрын аттестаттауына үздіксіз нәтиже",
        "Непрерывные результаты руководителя для досрочной аттестации",
        "Continuous results of a head for an early attestation",
    ),
    "session_without_attestation": Text(
        "Аттестаттаусыз санат беру отырысы",
        "Заседание о присвоении категории без аттестации",
        "Session on a category without attestation",
    ),
    # Evidence
    "essay_words_min": Text("Эссе, кемінде (сөз)", "Эссе, не менее (слов)", "Essay, at least (words)"),
    "essay_words_max": Text("Эссе, ең көбі (сөз)", "Эссе, не более (слов)", "Essay, at most (words)"),
    "observation_sheets_min": Text(
        "Бақылау парақтары, кемінде", "Листов наблюдения, не менее", "Observation sheets, at least"
    ),
    "observation_points_max": Text(
        "Бақылау парағы, ең көбі (балл)", "Лист наблюдения, не более (баллов)", "Observation sheet, at most (points)"
    ),
    "quality_dynamics": Text("Білім сапасының динамикасы", "Динамика качества знаний", "Dynamics of quality"),
    "joint_authors_max": Text("Бірлескен авторлар, ең көбі", "Соавторов, не более", "Joint authors, at most"),
    "site_updates_per_month_min": Text(
        "Сайтты айына жаңарту, кемінде", "Обновлений сайта в месяц, не менее", "Updates of the site a month, at least"
    ),
    "unt_points_min": Text(
        "Түлектің ҰБТ балы, кемінде", "Балл ЕНТ выпускника, не менее", "Graduate's national test score, at least"
    ),
    "spread_districts_min": Text(
        "Тәжірибені тарату: аудандар (қалалар), кемінде",
        "Распространение опыта: районов (городов), не менее",
        "Experience spread over districts or cities, at least",
    ),
    "spread_regions_min": Text(
        "Тәжірибені тарату: облыстар, кемінде",
        "Распространение опыта: областей, не менее",
        "Experience spread over regions, at least",
    ),
    # Without attestation, before the term, degrees
    "production_years_moderator_min": Text(
        "Өндірістегі соңғы жұмыс өтілі, кемінде – педагог-модератор",
        "Последний стаж на производстве, не менее – педагог-модератор",
        "Latest service in production, at least – teacher-moderator",
    ),
    "production_years_expert_over": Text(
        "Мамандық бойынша соңғы жұмыс өтілі, одан көп – педагог-сарапшы",
        "Последний стаж по специальности, более – педагог-эксперт",
        "Latest service in the speciality, more than – teacher-expert",
    ),
    "special_programme_levels_up": Text(
        "Арнайы бағдарлама: санаттың көтерілуі (деңгей)",
        "Специальная программа: повышение (уровней)",
        "Special programme: levels up",
    ),
    "confirmation_levels_down": Text(
        "ПББ шегіне жетпегенде санаттың төмендеуі (деңгей)",
        "Понижение категории при недоборе ОЗП (уровней)",
        "Levels down when the knowledge test is failed",
    ),
    "doctor_years_researcher_min": Text(
        "Ғылыми дәрежесі бар педагогтің өтілі, кемінде – педагог-зерттеуші",
        "Стаж педагога с ученой степенью, не менее – педагог-исследователь",
        "Service of a teacher with a degree, at least – teacher-researcher",
    ),
    "doctor_years_master_min": Text(
        "Ғылыми дәрежесі бар педагогтің өтілі, кемінде – педагог-шебер",
        "Стаж педагога с ученой степенью, не менее – педагог-мастер",
        "Service of a teacher with a degree, at least – master teacher",
    ),
    "additional_education_years_min": Text(
        "Қосымша білім берудегі кәсіби өтіл, кемінде",
        "Стаж в дополнительном образовании, не менее",
        "Service in additional education, at least",
    ),
    "graduate_within": Text(
        "Жоғары оқу орнын аяқтағаннан кейін, ең көбі", "После окончания вуза, не более", "After graduation, at most"
    ),
    "reentry_break_max": Text(
        "Педагогикалық жұмыстағы үзіліс, ең көбі", "Перерыв в педагогической работе, не более", "Break, at most"
    ),
    # Result
    "protocol_extract": Text("Хаттамадан үзінді", "Выписка из протокола", "Extract from the protocol"),
    "head_extract": Text(
        "Басшыға хаттамадан үзінді", "Выписка из протокола руководителю", "Extract from the protocol for a head"
    ),
    "list_publication": Text(
        "Аттестатталғандар тізімін жариялау", "Публикация списка аттестованных", "Publication of the list"
    ),
    "teacher_category_validity": Text(
        "Педагог санатының мерзімі", "Срок категории педагога", "Validity of a teacher's category"
    ),
    "deputy_category_validity": Text(
        "Басшы орынбасары санатының мерзімі", "Срок категории заместителя", "Validity of a deputy's category"
    ),
    "head_category_validity": Text(
        "Бірінші басшы санатының мерзімі", "Срок категории первого руководителя", "Validity of a head's category"
    ),
    "category_retention_max": Text("Санатты сақтау, ең көбі", "Сохранение категории, не более", "Retention, at most"),
    "transfer_retention_left": Text(
        "Ауысқанда санат мерзімінің қалғаны", "Остаток срока категории при переходе", "Left of the category on transfer"
    ),
    "child_care_until": Text("Бала күтімі: баланың жасы", "Уход за ребенком: возраст", "Child care: age of the child"),
    "prepension_under": Text(
        "Зейнеткерлікке дейін қалғаны, одан аз", "До пенсии остается менее", "Left to the pension age, less than"
    ),
    # Complaints and the order itself
    "complaint_forwarding": Text(
        "Шағымды қарайтын органға жіберу", "Направление жалобы в рассматривающий орган", "Forwarding of a complaint"
    ),
    "complaint_provider": Text(
        "Қызмет берушінің шағымды қарауы", "Рассмотрение жалобы услугодателем", "Complaint before the provider"
    ),
    "complaint_quality_body": Text(
        "Сапаны бағалау органының шағымды қарауы",
        "Рассмотрение жалобы органом по оценке качества",
        "Complaint before the body that assesses quality",
    ),
    "contact_centre_notice": Text(
        "Бірыңғай байланыс орталығына ақпарат", "Информация в Единый контакт-центр", "Notice to the contact centre"
    ),
    "order_copy": Text(
        "Бұйрықтың көшірмесін Эталондық бақылау банкіне жіберу",
        "Направление копии приказа в Эталонный контрольный банк",
        "Copy of the order to the Reference Control Bank",
    ),
    **_of_each(
        "observation_mean",
        Text("Бақылаудың орташа балы, кемінде", "Средний балл наблюдений, не менее", "Mean of observations, at least"),
        _ASSIGNED,
    ),
    **_of_each(
        "feedback_sheets",
        Text("Кері байланыс парақтары, кемінде", "Листов обратной связи, не менее", "Feedback sheets, at least"),
        _ASSIGNED,
    ),
    **_of_each("pd_hours", Text("Курстар, кемінде", "Курсы, не менее", "Courses, at least"), _ASSIGNED),
    **_of_each(
        "pd_hours_preschool",
        Text(
            "Курстар (мектепке дейінгі, әдіскер), кемінде",
            "Курсы (дошкольные, методисты), не менее",
            "Courses (preschool, methodists), at least",
        ),
        _ASSIGNED,
    ),
    **_of_each(
        "pd_hours_head",
        Text("Басшының курстары, кемінде", "Курсы руководителя, не менее", "A head's courses, at least"),
        ORDINALS,
    ),
    **_of_each(
        "pd_hours_preschool_head",
        Text(
            "Мектепке дейінгі ұйым басшысының курстары, кемінде",
            "Курсы руководителя дошкольной организации, не менее",
            "Courses of a preschool head, at least",
        ),
        ORDINALS,
    ),
    **_of_each(
        "pd_hours_cabinet_head",
        Text(
            "Әдістемелік кабинет басшысының курстары, кемінде",
            "Курсы руководителя методкабинета, не менее",
            "Courses of a cabinet's head, at least",
        ),
        {key: ORDINALS[key] for key in ("third", "second")},
    ),
    "pd_hours_cabinet_head_first_over": Text(
        "Әдістемелік кабинет басшысының курстары, одан көп – бірінші санат",
        "Курсы руководителя методкабинета, более – первая категория",
        "Courses of a cabinet's head, more than – first category",
    ),
    **_of_each(
        "experience_years",
        Text("Педагогикалық өтіл, кемінде", "Педагогический стаж, не менее", "Teaching service, at least"),
        {key: text for key, text in TEACHER_CATEGORIES.items() if key != "trainee"},
    ),
    **_of_each(
        "early_criteria",
        Text(
            "Мерзімінен бұрын: орындалған талаптар, кемінде",
            "Досрочно: выполнено требований, не менее",
            "Early: requirements met, at least",
        ),
        _EARLY,
    ),
    **_of_each(
        "early_criteria_listed",
        Text("Мерзімінен бұрын: барлық талаптар", "Досрочно: всего требований", "Early: requirements listed"),
        _EARLY,
    ),
    **_of_each(
        "inclusive_share",
        Text(
            "Инклюзивті білім беру курсынан өткендер үлесі, кемінде",
            "Доля прошедших курсы по инклюзии, не менее",
            "Share with a course on inclusive education, at least",
        ),
        ORDINALS,
    ),
    # What the order leaves open
    "continued_by_order": Text(
        "Мерзімі біткен тәртіпті жалғастыру негізі: ұйымның бұйрығы",
        "Основание продолжать по истекшему порядку: приказ организации",
        "Basis for going on after the end: the organisation's own order",
    ),
    "portfolio_totals_decide": Text(
        "Портфолионың жиыны санат үшін қажетті балл ма",
        "Итог портфолио – необходимый балл категории",
        "The total of a portfolio is the score that a category needs",
    ),
    "portfolio_figures": Text(
        "Портфолио парағының жиыны мен жолдарының қосындысы әртүрлі болса",
        "Если итог листа портфолио не равен сумме строк",
        "Where the total of a portfolio sheet is not the sum of its rows",
    ),
    "observation_level_max": Text(
        "Бақылау парағындағы ең жоғары деңгей", "Высший уровень в листе наблюдения", "Highest level of an observation"
    ),
    "observation_excess": Text(
        "Бақылау парағының жолдары 102-ден басқа жиын берсе",
        "Если строки листа наблюдения дают не 102",
        "Where the lines of an observation sheet do not make 102",
    ),
    "observation_mean_rounding": Text(
        "Бақылаулардың орташа балын дөңгелектеу", "Округление среднего балла наблюдений", "Rounding of the mean"
    ),
    "knowledge_pass_mark": Text("ПББ өтудің шекті деңгейі", "Пороговый уровень ОЗП", "Pass mark of the knowledge test"),
    "majority_of": Text(
        "Көпшілік неден есептеледі", "От чего считается большинство", "Of what the majority is counted"
    ),
    "retention_from": Text(
        "Санатты сақтау қай күннен есептеледі",
        "С какого дня считается сохранение",
        "Day from which retention is counted",
    ),
    "category_valid_from": Text(
        "Санат мерзімі қай күннен есептеледі",
        "С какого дня считается срок категории",
        "Day from which a category's validity is counted",
    ),
    "applications_close_counts": Text(
        "«31 желтоқсанына дейін»: 31 желтоқсанның өзі кіре ме",
        "«До 31 декабря»: входит ли само 31 декабря",
        "“Until 31 December”: does 31 December itself count",
    ),
    "language_scores": Text(
        "Тіл сертификатындағы балл аралығы", "Диапазон баллов языкового сертификата", "Range of a language score"
    ),
    "language_tkt": Text("ТКТ сертификаттары", "Сертификаты TKT", "TKT certificates"),
    "language_keeps_sequence": Text(
        "Тіл сертификаты бойынша санаттардың дәйектілігі сақталады",
        "При языковом сертификате соблюдается последовательность категорий",
        "The sequence of categories also binds a language certificate",
    ),
    "re_attestation": Text(
        "Парақтағы «қайта аттестаттауға жіберіледі» ұсынысы",
        "Рекомендация листа «қайта аттестаттауға жіберіледі»",
        "The recommendation “sent to re-attestation” of a sheet",
    ),
    "refusal_notice_title": Text("Бас тарту хабарламасының атауы", "Название отказа", "Title of the refusal"),
    "authority": Text("Аттестаттаушы орган", "Аттестующий орган", "The attesting body"),
    "portfolio_result": Text(
        "Бірнеше мүшенің портфолио парақтарынан шығатын нәтиже",
        "Результат по листам портфолио нескольких членов",
        "The result of several members' portfolio sheets",
    ),
    "analytical_summary": Text(
        "Кешенді талдамалық жинақтау қорытындысы отырысқа дейін жасала ма",
        "Составляется ли до заседания заключение комплексного аналитического обобщения",
        "Is a conclusion of the analytical summary drawn up before the session",
    ),
    "region_master_for": Text(
        "Облыста «педагог-шебер» кімдерге беріледі",
        "Кому область присваивает «педагог-мастер»",
        "Whom the region makes master teachers",
    ),
    "holder_signs_certificate": Text(
        "Куәлікке иесі қол қояды", "Удостоверение подписывает владелец", "The holder signs the certificate"
    ),
}

KRG_CHOICES: Mapping[str, Mapping[str, Text]] = {
    "portfolio_figures": {
        "printed": Text("басылған жиын", "напечатанный итог", "the printed total"),
        "summed": Text("жолдардың қосындысы", "сумма строк", "the sum of the rows"),
    },
    "observation_excess": {
        "normalise": Text("102-ге келтіріледі", "приводится к 102", "brought to the scale of 102"),
        "cap": Text("102-ден артығы есептелмейді", "сверх 102 не считается", "what is above 102 is not counted"),
    },
    "observation_mean_rounding": {
        "none": Text("дөңгелектенбейді", "не округляется", "not rounded"),
        "half_up": Text("бүтінге дейін, жартысы жоғары", "до целого, половина вверх", "to a whole number, halves up"),
    },
    "majority_of": {
        "present": Text("отырысқа қатысқан мүшелерден", "от присутствующих членов", "of the members present"),
        "composition": Text("комиссияның бүкіл құрамынан", "от всего состава комиссии", "of the whole commission"),
    },
    "retention_from": {
        "decision": Text("шешім күнінен", "со дня решения", "the day of the decision"),
        "expiry": Text("санат мерзімі аяқталған күннен", "со дня окончания срока категории", "the end of the category"),
    },
    "category_valid_from": {
        "order": Text("бұйрық күнінен", "со дня приказа", "the day of the order"),
        "decision": Text("комиссия шешімі күнінен", "со дня решения комиссии", "the day of the decision"),
    },
    "applications_close_counts": {
        "included": Text("кіреді", "входит", "it does"),
        "excluded": Text("кірмейді", "не входит", "it does not"),
    },
    "language_scores": {
        "minimum": Text("төменгі шек: одан жоғары балл да жарайды", "нижняя граница", "a minimum: more is enough too"),
        "range": Text("тек осы аралық", "только этот диапазон", "this range only"),
    },
    "language_tkt": {
        "commission": Text("комиссия шешеді", "решает комиссия", "the commission decides"),
        "all": Text("аталғандардың бәрі", "все названные", "all that are named"),
        "any": Text("аталғандардың бірі", "любой из названных", "any of those named"),
    },
    "language_keeps_sequence": {
        "commission": Text("комиссия шешеді", "решает комиссия", "the commission decides"),
        "yes": Text("иә", "да", "yes"),
        "no": Text("жоқ", "нет", "no"),
    },
    "re_attestation": {
        "recommendation": Text("мүшенің ұсынысы ғана", "только рекомендация члена", "a member's recommendation only"),
        "not_conforming": Text(
            "«санатқа сәйкес келмейді» деген шешімге тең",
            "равна решению «не соответствует»",
            "the same as “does not conform”",
        ),
    },
    "refusal_notice_title": {
        "form": Text("7-қосымша бойынша", "по приложению 7", "as in Appendix 7"),
        "clause": Text("23-тармақ бойынша", "по пункту 23", "as in clause 23"),
    },
    "authority": {
        "organisation": Text("білім беру ұйымы", "организация образования", "an education organisation"),
        "district": Text(
            "ауданның (қаланың) білім беруді басқару органы",
            "орган управления образованием района (города)",
            "the education department of a district (city)",
        ),
        "region": Text(
            "облыстың (астананың) білім беруді басқару органы",
            "орган управления образованием области (столицы)",
            "the education department of a region (the capital)",
        ),
        "ministry": Text(
            "білім беру саласындағы уәкілетті орган",
            "уполномоченный орган в области образования",
            "the authorised body in education",
        ),
    },
    "portfolio_result": {
        "mean": Text("балдардың орташасы", "среднее баллов", "the mean of the points"),
        "lowest": Text("ең төменгі балл", "наименьший балл", "the lowest points"),
    },
    "analytical_summary": {
        "optional": Text(
            "міндетті емес: мүшелер қол қойған парақтар жеткілікті",
            "необязательно: достаточно листов, подписанных членами",
            "not necessarily: the sheets that members sign are enough",
        ),
        "required": Text(
            "міндетті: онсыз отырысқа ұсыныс есептелмейді",
            "обязательно: без него предложение к заседанию не выводится",
            "yes: without it nothing is proposed to the session",
        ),
    },
    "region_master_for": {
        "methodists": Text("әдістемелік кабинет әдіскерлеріне", "методистам методкабинетов", "methodists of cabinets"),
        "all": Text("барлық педагогтерге", "всем педагогам", "all teachers"),
    },
}
