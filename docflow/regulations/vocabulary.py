"""How pages name the thresholds, terms and settings of the packs, and the choices of a setting."""

from __future__ import annotations

from collections.abc import Mapping

from docflow.core.regulations import Text
from docflow.regulations.krg.vocabulary import KRG_CHOICES, KRG_NAMES

# One name means one thing in every act: only so can acts be compared.
NAMES: Mapping[str, Text] = {
    "attendance_share": Text(
        "Сабаққа қатысу үлесі, кемінде", "Доля посещённых занятий, не менее", "Attendance, at least"
    ),
    "test_share": Text(
        "Қорытынды тест балының үлесі, кемінде", "Доля балла итогового теста, не менее", "Final test score, at least"
    ),
    "short_course_hours_min": Text("Қысқа мерзімді курс, кемінде", "Краткосрочный курс, от", "Short course, from"),
    "short_course_hours_max": Text("Қысқа мерзімді курс, ең көбі", "Краткосрочный курс, до", "Short course, up to"),
    "long_course_hours_over": Text("Ұзақ мерзімді курс, одан көп", "Длительный курс, более", "Long course, more than"),
    "internship_hours_min": Text("Тағылымдама, кемінде", "Стажировка, не менее", "Internship, at least"),
    "abroad_short_hours_min": Text(
        "Шетелдегі қысқа мерзімді курс, кемінде", "Краткосрочный курс за рубежом, от", "Short course abroad, from"
    ),
    "academic_hour_minutes": Text("Академиялық сағат", "Академический час", "Academic hour"),
    "qualified_trainers_share": Text(
        "Дәрежесі немесе санаты бар тренерлер үлесі, кемінде",
        "Доля тренеров со степенью или категорией, не менее",
        "Trainers with a degree or category, at least",
    ),
    "production_experience_years_min": Text(
        "Өндіріс мамандарының жұмыс өтілі, кемінде",
        "Стаж специалистов производства, не менее",
        "Service of production specialists, at least",
    ),
    "working_group_members_min": Text(
        "Жұмыс тобының құрамы, кемінде", "Состав Рабочей группы, не менее", "Working group, at least"
    ),
    "reassessments_per_year_max": Text(
        "Бір жылда қайта бағалау, ең көбі", "Повторное оценивание в год, не более", "Re-assessments a year, at most"
    ),
    "certificate_validity": Text(
        "Сертификаттың қолданылу мерзімі", "Срок действия сертификата", "Validity of the certificate"
    ),
    "nobd_entry": Text("ҰБДҚ-ға деректер енгізу", "Заполнение данных в НОБД", "Entry into the national database"),
    "dossier_handover": Text(
        "Құжаттарды Жұмыс тобына жіберу",
        "Передача документов в Рабочую группу",
        "Handing the dossier to the working group",
    ),
    "dossier_review": Text("Құжаттарды қарау", "Рассмотрение документов", "Review of the dossier"),
    "working_group_mandate": Text(
        "Жұмыс тобының өкілеттік мерзімі", "Срок полномочий Рабочей группы", "Mandate of the working group"
    ),
    "lists_before_course": Text(
        "Курс басталғанға дейінгі тізімдер", "Списки до начала курсов", "Lists before the course begins"
    ),
    "abroad_leave_max": Text(
        "Шетелдегі курсқа жұмыстан қол үзу, ең көбі",
        "Отрыв от работы за рубежом, до",
        "Leave for a course abroad, up to",
    ),
    "abroad_long_course_max": Text(
        "Шетелдегі ұзақ мерзімді курс, ең көбі", "Длительный курс за рубежом, до", "Long course abroad, up to"
    ),
    "reassessment_period": Text(
        "Қайта бағалау саналатын кезең",
        "Период, за который считается повторное оценивание",
        "Period in which re-assessments are counted",
    ),
    "postcourse_support": Text("Курстан кейінгі сүйемелдеу", "Посткурсовое сопровождение", "Support after the course"),
    "monitoring_period": Text(
        "Бағдарламалар мониторингі, кемінде бір рет",
        "Мониторинг программ, не реже одного раза за",
        "Monitoring of programmes, at least once in",
    ),
    "course_request": Text(
        "Педагогтерді курстарға жіберу туралы өтінім",
        "Заявка о направлении педагогов на курсы",
        "Request to send teachers to courses",
    ),
    "district_plan": Text("Аудан (қала) жоспары", "План района (города)", "Plan of the district or city"),
    "region_plan": Text("Облыс жоспары", "План области", "Plan of the region"),
    "certificate_validity_from": Text(
        "Сертификат мерзімі қай күннен есептеледі",
        "С какого дня считается срок сертификата",
        "Day from which the certificate's validity is counted",
    ),
    "abroad_short_hours_max": Text(
        "Шетелдегі қысқа мерзімді курс, ең көбі (академиялық сағат)",
        "Краткосрочный курс за рубежом, до (академических часов)",
        "Short course abroad, up to (academic hours)",
    ),
    "nobd_entry_by": Text(
        "ҰБДҚ-ға деректерді кім енгізеді", "Кто заполняет данные в НОБД", "Who enters data in the national database"
    ),
    "term_first_day": Text("Мерзімнің бірінші күні", "Первый день срока", "First day of a term"),
    "annual_date_counts": Text(
        "«1 маусымға дейін»: 1 маусымның өзі кіре ме",
        "«До 1 июня»: входит ли само 1 июня",
        "“Before 1 June”: does 1 June itself count",
    ),
    "reassessment_year": Text(
        "Қайта бағалау саналатын жыл",
        "Год, за который считается повторное оценивание",
        "Year in which re-assessments are counted",
    ),
    "listeners_commission_members_min": Text(
        "Тыңдаушылар комиссиясының құрамы, кемінде",
        "Состав комиссии по обращениям слушателей, не менее",
        "Listeners' commission, members at least",
    ),
    "listeners_commission_odd": Text(
        "Комиссия мүшелерінің саны тақ", "Нечётное число членов комиссии", "Odd number of commission members"
    ),
    "listeners_commission_quorum": Text("Комиссия кворумы", "Кворум комиссии", "Quorum of the commission"),
    "security_blank": Text(
        "Сертификаттың қорғалған бланкі", "Защищённый бланк сертификата", "Security blank of the certificate"
    ),
    "long_course_assessment": Text(
        "Ұзақ мерзімді курстың қорытынды бағалауы",
        "Оценивание после длительного курса",
        "Assessment after a long course",
    ),
    "internship_certificate_validity": Text(
        "Тағылымдама сертификатының мерзімі", "Срок сертификата о стажировке", "Validity of the internship certificate"
    ),
    "application_addressee": Text(
        "Өтініш кімге беріледі", "Кому подаётся заявление", "To whom the application is addressed"
    ),
    "enrolment_order_for": Text(
        "Қабылдау бұйрығы кімдерге", "Для кого издаётся приказ о зачислении", "Who is enrolled by order"
    ),
    "issue_order": Text("Сертификат беру туралы бұйрық", "Приказ о выдаче сертификатов", "Order to issue certificates"),
    "certificate_annex": Text("Сертификатқа қосымша", "Приложение к сертификату", "Annex to the certificate"),
    "certificate_qr": Text("Сертификаттағы QR-код", "QR-код на сертификате", "QR code on the certificate"),
    "failed_reference": Text(
        "Өтпегендерге анықтама", "Справка не прошедшим оценивание", "Reference for those who did not pass"
    ),
    "expulsion_needs_commission": Text(
        "Оқудан шығаруға комиссия шешімі керек",
        "Для отчисления нужно решение комиссии",
        "Expulsion needs the commission's decision",
    ),
    "employer_notice_form": Text(
        "Жұмыс берушіні хабардар ету нысаны", "Форма уведомления работодателя", "Form of the notice to the employer"
    ),
    "postcourse_support_by": Text(
        "Курстан кейінгі сүйемелдеуді кім жүргізеді",
        "Кто ведёт посткурсовое сопровождение",
        "Who gives support after the course",
    ),
    "seal": Text("Мөр", "Печать", "Seal"),
    "name_order": Text("Аты-жөнінің реті", "Порядок имени", "Order of a person's names"),
    "act_revision": Text("Ережені қайта қарау", "Пересмотр Положения", "Revision of the statute"),
    "application_position_of": Text(
        "Өтініштегі «лауазым» кімдікі", "Чья «должность» в заявлении", "Whose “position” the application states"
    ),
    "study_leave": Text("Жұмыстан қол үзу", "Отрыв от работы", "Leave from work"),
    "questionnaire_consent": Text(
        "Сауалнамада дербес деректерге келісім",
        "Согласие на обработку данных в анкете",
        "Consent to data processing in the questionnaire",
    ),
    "certified_trainers": Text(
        "Кім сертификатталған болуы керек", "Кто должен быть сертифицирован", "Who must be certified"
    ),
    "group_size_min": Text(
        "Топтағы тыңдаушылар, кемінде", "Слушателей в группе, не менее", "Listeners in a group, at least"
    ),
    "author_course_hours": Text(
        "«Авторлық курс» ұзақтығы", "Продолжительность «Авторского курса»", "Length of an author's course"
    ),
    "registry_course_hours": Text(
        "Реестрге енгізілген курс ұзақтығы", "Продолжительность курса из реестра", "Length of a registry course"
    ),
    "culture_experience_years_min": Text(
        "Мәдениет және өнер ұйымдарындағы өтіл, кемінде",
        "Стаж в организациях культуры и искусства, не менее",
        "Service in organisations of culture and art, at least",
    ),
    "chosen_trainer_experience_years_min": Text(
        "Таңдалатын оқытушының тәжірибесі, кемінде",
        "Опыт выбираемого преподавателя, не менее",
        "Experience of a chosen teacher, at least",
    ),
    "programme_leaders_max": Text(
        "Бағдарлама жетекшілері, ең көбі", "Руководителей программы, не более", "Leaders of a programme, at most"
    ),
    "act_change_share": Text(
        "Ережені өзгертуге дауыс үлесі, кемінде",
        "Доля голосов за изменение, не менее",
        "Votes for a change of the rules, at least",
    ),
    "postcourse_report": Text("Курстан кейінгі есеп", "Отчёт о посткурсовой деятельности", "Report after the course"),
    "unit_name": Text("Бөлімнің атауы", "Название отдела", "Name of the unit"),
    "vice_rector_title": Text("Проректордың лауазымы", "Должность проректора", "Title of the vice-rector"),
    "change_sheet_title": Text("Өзгерістер парағының атауы", "Название листа изменений", "Title of the change sheet"),
    "act_approved_on": Text(
        "Ереже бекітілген күн", "Дата утверждения Положения", "Day on which the rules were approved"
    ),
    "contract_scan_online": Text(
        "Онлайн курста келісімшарттың сканері",
        "Скан договора при онлайн-курсе",
        "Scanned contract for an online course",
    ),
    "application_head_signs": Text(
        "Өтінімге ұйым басшысы да қол қояды",
        "Заявку подписывает и руководитель организации",
        "The head of the employer signs the application too",
    ),
    **KRG_NAMES,
}

YES_NO: Mapping[str, Text] = {"yes": Text("Иә", "Да", "Yes"), "no": Text("Жоқ", "Нет", "No")}

CHOICES: Mapping[str, Mapping[str, Text]] = {
    "certificate_validity_from": {
        "completion": Text("курстар аяқталған күннен", "со дня завершения курсов", "completion of the course"),
        "issue": Text("сертификат берілген күннен", "с даты выдачи сертификата", "issue of the certificate"),
    },
    "abroad_short_hours_max": {
        "80": Text("80 (қазақша мәтін)", "80 (казахский текст)", "80 (Kazakh text)"),
        "108": Text("108 (орысша мәтін)", "108 (русский текст)", "108 (Russian text)"),
    },
    "nobd_entry_by": {
        "education_organisation": Text(
            "педагогтің білім беру ұйымы", "организация образования педагога", "the teacher's education organisation"
        ),
        "pd_organisation": Text(
            "біліктілікті арттыру ұйымы", "организация повышения квалификации", "the organisation that runs the courses"
        ),
    },
    "term_first_day": {
        "next_day": Text("оқиғадан кейінгі күн", "день после события", "the day after the event"),
        "event_day": Text("оқиға болған күн", "день события", "the day of the event"),
    },
    "annual_date_counts": {
        "excluded": Text("кірмейді", "не входит", "it does not"),
        "included": Text("кіреді", "входит", "it does"),
    },
    "reassessment_year": {
        "calendar_year": Text("күнтізбелік жыл", "календарный год", "calendar year"),
        "twelve_months": Text("алдыңғы он екі ай", "двенадцать предыдущих месяцев", "the twelve months before"),
    },
    "listeners_commission_quorum": {
        "1/2": Text("мүшелердің кемінде жартысы", "не менее половины членов", "at least half of the members"),
        "2/3": Text(
            "мүшелердің кемінде үштен екісі", "не менее двух третей членов", "at least two thirds of the members"
        ),
        "1": Text("барлық мүшелер", "все члены", "all members"),
    },
    "security_blank": {
        "when_printed": Text(
            "басып шығарылса, сериясы мен нөмірі жазылады",
            "при печати записываются серия и номер",
            "series and number when it is printed",
        ),
        "required": Text(
            "сериясы мен нөмірінсіз берілмейді",
            "без серии и номера не выдаётся",
            "no certificate without series and number",
        ),
    },
    "long_course_assessment": {
        "external": Text("сыртқы қорытынды бағалау", "внешнее итоговое оценивание", "external final assessment"),
        "organisation": Text(
            "ұйымның қорытынды бағалауы", "итоговое оценивание организации", "final assessment by the organisation"
        ),
    },
    "internship_certificate_validity": {
        "unlimited": Text("шектелмеген", "не ограничен", "not limited"),
        "as_certificate": Text("курс сертификатындай", "как у сертификата курсов", "as the course certificate"),
    },
    "application_addressee": {
        "employer_head": Text(
            "педагогтің білім беру ұйымының басшысы",
            "руководитель организации образования педагога",
            "head of the teacher's education organisation",
        ),
        "rector": Text("ректор", "ректор", "the rector"),
        "centre_head": Text("Орталық басшысы", "руководитель Центра", "head of the Centre"),
    },
    "enrolment_order_for": {
        "budget": Text("бюджет есебінен оқитындар", "обучающиеся за счёт бюджета", "listeners paid from the budget"),
        "all": Text("барлық тыңдаушылар", "все слушатели", "all listeners"),
    },
    "employer_notice_form": {
        "any": Text("белгіленбеген", "не установлена", "not prescribed"),
        "written": Text("жазбаша", "письменная", "written"),
    },
    "postcourse_support_by": {
        "organisation": Text("ұйым", "организация", "the organisation"),
        "programme_leader": Text(
            "білім беру бағдарламасының жетекшісі",
            "руководитель образовательной программы",
            "the leader of the programme",
        ),
    },
    "seal": {
        "if_any": Text("бар болған жағдайда", "при наличии", "if there is one"),
        "always": Text("әрқашан", "всегда", "always"),
    },
    "name_order": {
        "surname_first": Text("тегі, аты, әкесінің аты", "фамилия, имя, отчество", "surname, given name, patronymic"),
        "given_first": Text("аты, әкесінің аты, тегі", "имя, отчество, фамилия", "given name, patronymic, surname"),
    },
    "application_position_of": {
        "applicant": Text("өтініш берушінікі", "заявителя", "the applicant's"),
        "addressee": Text("адресаттікі", "адресата", "the addressee's"),
    },
    "study_leave": {
        "any": Text("3.1–3.4-тармақтардың кез келген түрі", "любая форма пунктов 3.1–3.4", "any form of 3.1 to 3.4"),
        "full_or_partial": Text(
            "толық немесе ішінара қол үзіп", "с полным или частичным отрывом", "with full or partial leave"
        ),
        "none_or_partial": Text(
            "қол үзбей немесе жартылай үзіліспен",
            "без отрыва или с частичным отрывом",
            "without leave or with partial leave",
        ),
    },
    "certified_trainers": {
        "non_staff": Text("штаттан тыс тренерлер", "внештатные тренеры", "non-staff trainers"),
    },
    "unit_name": {
        "retraining": Text(
            "Кәсіби қайта даярлау және біліктілікті арттыру бөлімі",
            "Отдел профессиональной переподготовки и повышения квалификации",
            "Department of professional retraining and development",
        ),
        "additional_education": Text(
            "Біліктілікті арттыру және қосымша білім беру бөлімі",
            "Отдел повышения квалификации и дополнительного образования",
            "Department of professional development and additional education",
        ),
    },
    "vice_rector_title": {
        "academic": Text(
            "Академиялық мәселелер бойынша проректор",
            "Проректор по академическим вопросам",
            "Vice-rector for academic affairs",
        ),
        "teaching_and_methods": Text(
            "Оқу және оқу-әдістемелік жұмыс жөніндегі проректор",
            "Проректор по учебной и учебно-методической работе",
            "Vice-rector for teaching and methodical work",
        ),
    },
    "change_sheet_title": {
        "changes": Text("Өзгерістерді тіркеу парағы", "Лист регистрации изменений", "Register of changes"),
        "corrections": Text("Түзетулерді тіркеу парағы", "Лист регистрации исправлений", "Register of corrections"),
    },
    **KRG_CHOICES,
}
