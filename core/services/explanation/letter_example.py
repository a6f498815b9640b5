"""A letter of made-up contents, by which a template is looked at and measured."""

from datetime import date

from core.domain.explanation.letter_template import LetterTemplate
from core.i18n import N_, translator
from core.reports.decision_letter import DecisionLetter, Section
from core.services.explanation.letter_page import Circumstances, composed
from core.services.rights.letter_texts import decision_text, who_decided

_MODEL = N_("Example model")
_REASON = N_("Here is a reason with the person's own value, and with what is usual beside it.")
_CHANGE = N_("Here is a change that would have led to another result")
_SENDER = ("Harbour Example Limited", "1 Example Road, Hong Kong")


def example_page(
    template: LetterTemplate, language: str, *, today: date, withheld: bool = False
) -> DecisionLetter:
    """Return a letter as the template would write it, about nobody.

    Parameters
    ----------
    template : LetterTemplate
        The fixed words.
    language : str
        Of the letter.
    today : date
        Written on it.
    withheld : bool
        Whether it is one without reasons.
    """
    t = translator(language)
    facts = (
        (t("Decision"), decision_text(t, "decline")),
        (t("Made on"), t.date(today)),
        (t("Role of the model"), t.sentences(*who_decided(t, None, "in_command"))),
    )
    told = (
        Section(t("What counted most"), (t(_REASON),) * 4),
        Section(t("What would have led to another result"), (t(_CHANGE),) * 2),
    )
    return composed(
        t,
        template,
        Circumstances("LT-00000-00000", today, _SENDER),
        model=t(_MODEL),
        facts=facts,
        told=() if withheld else told,
        withheld=withheld,
    )
