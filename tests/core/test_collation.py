"""The order of lists of people."""

from __future__ import annotations

from docflow.core.collation import ALPHABET, kazakh_key, name_key


def test_the_alphabet_has_42_letters_once_each() -> None:
    assert len(ALPHABET) == 42
    assert len(set(ALPHABET)) == 42


def test_kazakh_letters_sort_beside_their_neighbours() -> None:
    names = ["Яковлев", "Ұлан", "Іңкәр", "Абай", "Қуат", "Ким", "Әсел", "Ғазиза", "Гүлнар", "Үміт", "Улан", "Өмір"]
    assert sorted(names, key=kazakh_key) == [
        "Абай", "Әсел", "Гүлнар", "Ғазиза", "Ким", "Қуат", "Өмір", "Улан", "Ұлан", "Үміт", "Іңкәр", "Яковлев",
    ]  # fmt: skip


def test_a_double_surname_follows_the_single_one() -> None:
    assert kazakh_key("Ким") < kazakh_key("Ким-Цой") < kazakh_key("Кима")


def test_namesakes_are_told_apart_by_given_name_and_patronymic() -> None:
    first = {"surname": "АХМЕТОВ", "given_name": "Арман", "patronymic": None}
    second = {"surname": "Ахметов", "given_name": "Арман", "patronymic": "Әділұлы"}
    third = {"surname": "Ахметов", "given_name": "Әділ", "patronymic": ""}
    assert sorted([third, second, first], key=name_key) == [first, second, third]
