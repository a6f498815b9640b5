"""The collector of messages overlooks none: what it is shown, it finds."""

import ast
from textwrap import dedent

from tests.core.i18n.messages import Found, find, unreadable_errors


def found(*sources: str) -> Found:
    return find((f"m{n}.py", ast.parse(dedent(source))) for n, source in enumerate(sources))


def test_texts_of_screens() -> None:
    seen = found(
        """
        heading = t("one") + ctx.t("two") + look.t.n("three", "threes", 3)
        LABEL = N_("four")
        word = t("five" if state else "six")
        """
    )
    assert set(seen.messages) == {"one", "two", "three", "four", "five", "six"}


def test_templates_and_remedies_of_every_derived_class() -> None:
    base = "class HarbourlightError(Exception): ...\nclass Lost(HarbourlightError): ..."
    own = "class Sunk(errors.Lost): ..."
    seen = found(
        base,
        own,
        """
        def sail():
            raise Sunk("It sank.", remedy="Swim to {shore}.", shore="here")
        def look():
            return errors.Lost("It is lost." if deep else "It is gone.")
        """,
    )
    assert set(seen.messages) == {"It sank.", "Swim to {shore}.", "It is lost.", "It is gone."}
    assert seen.unreadable == []


def test_texts_that_reach_an_error_through_a_function() -> None:
    seen = found(
        "class HarbourlightError(Exception): ...",
        """
        def refuse(name, template, *, remedy=""):
            raise HarbourlightError(template, remedy=remedy, name=name)
        refuse("a", "It is refused.", remedy="Ask.")
        """,
        "m1.refuse('b', template='It is late.')",
    )
    assert set(seen.messages) == {"It is refused.", "Ask.", "It is late."}


def test_a_text_that_is_glued_is_told() -> None:
    seen = found(
        "class HarbourlightError(Exception): ...",
        "def refuse(word):\n    raise HarbourlightError(f'{word} is wrong.')",
    )
    assert seen.unreadable == ["m1.py:2: f'{word} is wrong.'"]


def test_every_error_of_the_code_can_be_read() -> None:
    assert unreadable_errors() == []
