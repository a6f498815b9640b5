"""What a letter about a decision says in one language, from the kept record alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from core.contract import ModelContract
from core.contract.origins import in_force
from core.domain.explanation.letter_template import LetterTemplate
from core.domain.explanation.record import ExplanationRecord
from core.domain.windows import local_day
from core.i18n import N_, Translator
from core.reports.decision_letter import DecisionLetter, Section
from core.services.explanation.letter_words import NO_OTHER, NOT_ASKED, SOURCES
from core.services.explanation.telling import ToldReason, told_changes
from core.services.rights.column_words import protected_label
from core.services.rights.letter_texts import LAST, decision_text, who_decided

_BEFORE = N_("What we told customers before")
_FOOT = N_("You may ask us for this letter in Chinese; it says the same.")
_CHECKED = N_(
    "Each change was checked: we ran the same version of the model with it, and left the rest as "
    "it was. It is no promise about a later decision."
)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a letter says besides the record.

    Parameters
    ----------
    reference : str
        Of the letter.
    today : date
        Of the letter.
    sender : tuple of str
        Who writes.
    people_decided_on : date, optional
        When a person's verdict about the decision became final.
    final_decision : str, optional
        What it was.
    oversight_level : str, optional
        That the contract of then named.
    is_last : bool
        Whether nobody decides here any more.
    """

    reference: str
    today: date
    sender: tuple[str, ...] = ()
    people_decided_on: date | None = None
    final_decision: str | None = None
    oversight_level: str | None = None
    is_last: bool = False


def letter_page(
    t: Translator,
    contract: ModelContract,
    template: LetterTemplate,
    record: ExplanationRecord,
    reasons: tuple[ToldReason, ...],
    around: Circumstances,
    *,
    withheld: bool = False,
) -> DecisionLetter:
    """Return a letter in a language, with the person's own values.

    Parameters
    ----------
    t : Translator
        Of the letter.
    contract : ModelContract
        Of the model.
    template : LetterTemplate
        The fixed words.
    record : ExplanationRecord
        What was found.
    reasons : tuple of ToldReason
        In the letter's language.
    around : Circumstances
        The rest.
    withheld : bool
        Whether reasons and other results stay out, and the way to a review stands there instead.
    """
    return composed(
        t,
        template,
        around,
        model=contract.name.get(t.locale),
        facts=tuple(_facts(t, contract, record, around)),
        told=() if withheld else _told(t, contract, record, reasons),
        withheld=withheld,
    )


def composed(
    t: Translator,
    template: LetterTemplate,
    around: Circumstances,
    *,
    model: str,
    facts: tuple[tuple[str, str], ...],
    told: tuple[Section, ...],
    withheld: bool,
) -> DecisionLetter:
    """Return a letter of its parts; ``model`` is what the model is called.

    Parameters
    ----------
    t : Translator
        The letter's language.
    template : LetterTemplate
        The fixed words.
    around : Circumstances
        Who writes, when, under which number.
    model : str
        What the model is called.
    facts : tuple
        What the letter is about: name and value.
    told : tuple
        The parts that say why.
    withheld : bool
        Whether the reasons are withheld.
    """
    return DecisionLetter(
        language=t.locale,
        sender=around.sender,
        date=t.date(around.today),
        reference=t("Our reference: {request}", request=around.reference),
        title=t("About our decision") if withheld else t("Why this decision was made"),
        greeting=template.filled(t.locale, "greeting"),
        opening=template.filled(t.locale, "opening", model=model),
        facts=facts,
        sections=(*told, _ways_on(t, template, around, withheld=withheld)),
        closing=template.filled(t.locale, "closing"),
        foot=t(_FOOT),
    )


def source_text(t: Translator, record: ExplanationRecord) -> str:
    """Return where the reasons of a letter are from, in a language; empty where there are none."""
    return t(SOURCES[record.source]) if record.source in SOURCES else ""


def _facts(
    t: Translator, contract: ModelContract, record: ExplanationRecord, around: Circumstances
) -> list[tuple[str, str]]:
    about = record.subject
    role = who_decided(t, around.people_decided_on, around.oversight_level)
    facts = [
        (t("Decision"), decision_text(t, about.decision)),
        (t("Made on"), t.date(about.predicted_at, contract.timezone)),
        (t("Role of the model"), t.sentences(*role)),
    ]
    if around.people_decided_on is not None:
        after = decision_text(t, around.final_decision)
        facts.insert(2, (t("Decision after the review"), after))
    if contract.protected:
        labels = [protected_label(t, contract, each) for each in contract.protected]
        facts.append((t("Data that the model was never given"), t.items(*labels)))
    facts += _told_before(t, contract, record)
    return facts


def _told_before(
    t: Translator, contract: ModelContract, record: ExplanationRecord
) -> Iterator[tuple[str, str]]:
    """Yield what customers were told of the model when it decided, where the contract says so."""
    if not contract.disclosure:
        return
    day = local_day(record.subject.predicted_at, contract.timezone)
    told = in_force(contract.disclosure, day)
    if told is None:
        yield t(_BEFORE), t(N_("Our records hold no text of that time."))
        return
    said = t(
        N_("{channel}, version {version}: “{text}”"),
        channel=told.channel.get(t.locale),
        version=told.id,
        text=told.text.get(t.locale),
    )
    made_up = t(N_("This text is made up, as in a demonstration.")) if told.simulated else ""
    yield t(_BEFORE), t.sentences(said, made_up)


def _told(
    t: Translator,
    contract: ModelContract,
    record: ExplanationRecord,
    reasons: tuple[ToldReason, ...],
) -> tuple[Section, ...]:
    main = Section(
        t("What counted most"),
        tuple(each.sentence for each in reasons),
        tuple(filter(None, (source_text(t, record),))),
    )
    others = _others(t, contract, record)
    return (main,) if others is None else (main, others)


def _others(t: Translator, contract: ModelContract, record: ExplanationRecord) -> Section | None:
    heading = t("What would have led to another result")
    if record.others is None:
        return Section(heading, paragraphs=(t(NOT_ASKED),))
    changes = told_changes(t, contract, record, masked=False)
    if changes:
        lines = tuple(t.items(*each.changes) for each in changes)
        return Section(heading, lines, (t(_CHECKED),))
    why = NO_OTHER[record.others.why]
    return Section(heading, paragraphs=(t(why),)) if why else None


def _ways_on(
    t: Translator, template: LetterTemplate, around: Circumstances, *, withheld: bool
) -> Section:
    review = template.filled(t.locale, "withheld" if withheld else "review")
    if around.is_last:
        review = t(LAST)
    data, complain = (template.filled(t.locale, each) for each in ("data", "complain"))
    ways = (review, data, complain) if withheld else (data, review, complain)
    return Section(t("What you can do"), paragraphs=ways)
