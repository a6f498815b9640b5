"""What each letter says, in the reader's language; a letter names nobody and shows no masked value.

Laws are named only where their text was read; whatever else is said is what this desk does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from core.i18n import N_, Translator
from core.reports.letters import LetterPage
from core.services.rights.letter_facts import LetterFacts
from core.services.rights.words import (
    DECISIONS,
    GROUNDS,
    KINDS,
    MODEL_DECIDED,
    NO_ROLE,
    NOBODY_DECIDED,
    ROLES,
    RULES_OF_PEOPLE,
)

TITLES: Mapping[str, str] = {
    "acknowledgement": N_("We have received your request"),
    "identity_needed": N_("Please show us who you are"),
    "review_answer": N_("Our answer to your request for review"),
    "explanation": N_("How the decision was made"),
    "access_cover": N_("Your copy of the data we hold"),
    "late_notice": N_("We need more time for your request"),
    "refusal": N_("We cannot meet your request"),
    "correction_done": N_("We have corrected your data"),
    "dispute_note": N_("Your note is attached to the data"),
    "opt_out": N_("You have opted out"),
}
"""Every template: key → title."""
RECEIPTS = frozenset({"acknowledgement", "identity_needed"})
"""Letters that tell of nothing but the receipt."""
_OBJECT = N_(
    "If you do not agree, write to us and quote the reference above. A person who has not dealt "
    "with your case before will look at it."
)
_WRITE = N_("If you do not agree, write to us and quote the reference above.")
LAST = N_(
    "Two reviews by different people are done. We do not review this decision again; a further "
    "request is refused as a repeated one."
)
_COMMISSIONER = N_(
    "You may also turn to the Office of the Privacy Commissioner for Personal Data, Hong Kong "
    "(PCPD). How to reach it is published by that office."
)
_FOOT = N_("This letter says the same in each of its languages.")


@dataclass(slots=True)
class _Body:
    """What is particular to a template."""

    paragraphs: list[str]
    facts: list[tuple[str, str]] = field(default_factory=list)
    lists: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    quoted: str = ""
    ways_on: tuple[str, ...] = ()


def letter_page(t: Translator, template: str, facts: LetterFacts) -> LetterPage:
    """Return a letter in a language.

    Raises
    ------
    KeyError
        If there is no such template.
    """
    body = _BODIES[template](t, facts)
    return LetterPage(
        language=t.locale,
        sender=facts.sender,
        date=t.date(facts.today),
        reference=t("Our reference: {request}", request=facts.request),
        title=t(TITLES[template]),
        greeting=t("Dear Sir or Madam,"),
        paragraphs=tuple(body.paragraphs),
        facts=tuple(body.facts),
        lists=tuple(each for each in body.lists if each[1]),
        quoted=body.quoted,
        ways_on=tuple(t(each) for each in body.ways_on),
        closing=t("Yours faithfully"),
        foot=t(_FOOT),
    )


def _acknowledgement(t: Translator, facts: LetterFacts) -> _Body:
    received = t(
        "We received your request on {date}. We take it as: {kind}.",
        date=t.date(facts.received_on),
        kind=t(KINDS[facts.kind]),
    )
    limit = t(
        "We aim to answer by {date}. Section 19 or 23 of the Personal Data (Privacy) Ordinance "
        "allows 40 days.",
        date=t.date(facts.due_on),
    )
    own = t("We aim to answer by {date}. This limit is our own.", date=t.date(facts.due_on))
    return _Body([received, limit if facts.is_statutory else own, t(_BEFORE_IDENTITY)])


_BEFORE_IDENTITY = N_(
    "Before we show or send anything about a person, we make sure who asks. We write to you apart "
    "if we need something for that."
)


def _identity_needed(t: Translator, facts: LetterFacts) -> _Body:
    return _Body(
        [
            t(
                "You wrote to us on {date}. We cannot yet tell that the request comes from the "
                "person whom it concerns.",
                date=t.date(facts.received_on),
            ),
            t(
                "Please come to us with an identity document, or use a service in which you sign "
                "in safely. If you act for somebody, bring the authority to do so."
            ),
            t("Do not send us copies of identity documents by e-mail."),
        ]
    )


def _review_answer(t: Translator, facts: LetterFacts) -> _Body:
    upheld = t("A person reviewed the decision. It stands.")
    overturned = t("A person reviewed the decision and changed it.")
    stands = facts.outcome == "upheld"
    if facts.decision and facts.final_decision:  # an appeal may bring the model's decision back
        stands = facts.decision == facts.final_decision
    body = _Body(
        [
            upheld if stands else overturned,
            t("The reviewer was free to decide otherwise than the model."),
        ],
        ways_on=(LAST if facts.is_last else _OBJECT, _COMMISSIONER),
    )
    body.facts = [
        (t("Decision before the review"), decision_text(t, facts.decision)),
        (t("Decision after the review"), decision_text(t, facts.final_decision)),
        (t("Role of the model"), t.sentences(*_role(t, facts))),
    ]
    return body


def _role(t: Translator, facts: LetterFacts) -> tuple[str, ...]:
    return who_decided(t, facts.people_decided_on, facts.oversight_level)


def who_decided(t: Translator, people: date | None, level: str | None) -> tuple[str, ...]:
    """Return what part the model had, who decided by the record, and the rule of then for people.

    Parameters
    ----------
    t : Translator
        Of the letter.
    people : date, optional
        When a person's verdict about the decision became final.
    level : str, optional
        Of oversight, as the contract of then named it.
    """
    told, role = t(NOBODY_DECIDED), t(ROLES.get(level or "", MODEL_DECIDED))
    if people is not None:
        told = t(
            "A person looked at the result of the model and decided on {date}.",
            date=t.date(people),
        )
        role = t(ROLES[level]) if level in {"in_the_loop", "in_command"} else ""
    return tuple(filter(None, (role, told, t(RULES_OF_PEOPLE.get(level or "", NO_ROLE)))))


def _explanation(t: Translator, facts: LetterFacts) -> _Body:
    name, purpose = _in(t, facts.model_name), _in(t, facts.purpose)
    body = _Body(
        [
            t("A model was used: {model}. {purpose}", model=name, purpose=purpose),
            *_role(t, facts),
            t(_WEIGHED if facts.is_weighed else _NOT_WEIGHED),
        ],
        ways_on=(LAST if facts.is_last else _WRITE, _COMMISSIONER),
    )
    body.facts = [(t("Decision"), decision_text(t, facts.decision))]
    if facts.people_decided_on is not None:
        body.facts.append((t("Decision after the review"), decision_text(t, facts.final_decision)))
    if facts.rule:
        body.facts.append((t("Rule in force"), facts.rule))
    body.lists = [
        (t("Data that the model read"), facts.inputs.get(t.locale, ())),
        (t("Data that the model was never given"), facts.not_used.get(t.locale, ())),
    ]
    return body


_NOT_WEIGHED = N_(
    "How much each piece of data weighed in your result is not recorded with this decision. We do "
    "not guess it."
)
_WEIGHED = N_(
    "How much pieces of data weighed in your result is recorded with this decision. It is part of "
    "the copy of your data, which you may ask us for."
)


def _access_cover(t: Translator, facts: LetterFacts) -> _Body:
    held = t.n(
        "The copy holds one record, as our logs had it when your request came in.",
        "The copy holds {n} records, as our logs had them when your request came in.",
        facts.rows,
    )
    nothing = t(
        "When we looked on {date}, the logs that decisions are made from held no data about you.",
        date=t.date(facts.looked_on or facts.today),
    )
    copy = [
        held,
        t("It says in English and Chinese what each column and each code means."),
        t("What would tell who other people are is left out, and the copy says where."),
    ]
    told = copy if facts.outcome != "nothing_held" else [nothing]
    return _Body(told, ways_on=(_WRITE, _COMMISSIONER))


def _late_notice(t: Translator, facts: LetterFacts) -> _Body:
    given = t("What we can give already is enclosed. The rest follows as soon as we can.")
    later = t("You will have our answer as soon as we can.")
    return _Body(
        [
            t(
                "We cannot answer your request of {received} in full by {due}. The reasons:",
                received=t.date(facts.received_on),
                due=t.date(facts.due_on),
            ),
            facts.text,
            given if facts.partly else later,
            t(_COMMISSIONER),
        ]
    )


def _refusal(t: Translator, facts: LetterFacts) -> _Body:
    body = _Body(
        [
            t(
                "We have decided not to meet your request of {date}.",
                date=t.date(facts.received_on),
            ),
            t("Two people of ours had to agree to this. It is entered in our log book."),
        ],
        ways_on=(LAST if facts.is_last else _WRITE, _COMMISSIONER),
    )
    body.facts = [(t("Ground"), t(GROUNDS[facts.ground])), (t("Reasons"), facts.reasons)]
    if facts.other_data_user:
        body.facts.append((t("Organisation that controls the data"), facts.other_data_user))
    if facts.ground in {"opinion", "not_inaccurate"}:
        body.paragraphs.append(t(_NOTE_OFFERED))
    return body


_NOTE_OFFERED = N_(
    "If you wish, send us a note of what you hold to be wrong. We attach it to the data: whoever "
    "reviews the decision here sees it, and lists of past decisions mark what you dispute."
)


def _correction_done(t: Translator, facts: LetterFacts) -> _Body:
    body = _Body([t("We have corrected the data that you named.")])
    body.facts = [(t("Corrected columns"), t.items(*facts.columns))]
    if facts.corrected_on is not None:
        body.facts.append((t("Corrected on"), t.date(facts.corrected_on)))
    told = t.n(
        "One recipient was given these data in the 12 months before; told: {told}.",
        "{n} recipients were given these data in the 12 months before; told: {told}.",
        facts.recipients,
        told=facts.recipients_told,
    )
    nobody = t("Our log names nobody who was given these data in the 12 months before.")
    body.paragraphs.append(told if facts.recipients else nobody)
    if facts.is_copy_made:
        body.paragraphs.append(
            t("A copy of the data as our logs had them when your request came in is enclosed.")
        )
    return body


def _dispute_note(t: Translator, facts: LetterFacts) -> _Body:
    return _Body(
        [
            t("We have not changed what you dispute."),
            t(
                "Your note is attached to it. Whoever reviews the decision here sees your note. "
                "Lists of past decisions and files of verdicts mark what you dispute, and systems "
                "that ask us about the decision are given the note."
            ),
            t("Your note reads:"),
        ],
        quoted=facts.text,
        ways_on=(_WRITE, _COMMISSIONER),
    )


def _opt_out(t: Translator, facts: LetterFacts) -> _Body:
    name = _in(t, facts.model_name)
    of_one = t(
        "From now on, every system that asks us whether a result of {model} about you may take "
        "effect is told to hold it until a person has decided your case.",
        model=name,
    )
    of_all = t(
        "From now on, every system that asks us whether a result of one of our models about you "
        "may take effect is told to hold it until a person has decided your case."
    )
    return _Body(
        [
            of_one if name else of_all,
            t(
                "What took effect before stays as it is; you may ask for its review. You may "
                "change your mind at any time; write to us then."
            ),
        ]
    )


_BODIES: Mapping[str, Callable[[Translator, LetterFacts], _Body]] = {
    "acknowledgement": _acknowledgement,
    "identity_needed": _identity_needed,
    "review_answer": _review_answer,
    "explanation": _explanation,
    "access_cover": _access_cover,
    "late_notice": _late_notice,
    "refusal": _refusal,
    "correction_done": _correction_done,
    "dispute_note": _dispute_note,
    "opt_out": _opt_out,
}


def decision_text(t: Translator, decision: str | None) -> str:
    """Return a decision in the reader's language, as the log has it where nobody translated it."""
    if not decision:
        return t("not recorded")
    return t(DECISIONS[decision]) if decision in DECISIONS else decision


def _in(t: Translator, texts: Mapping[str, str]) -> str:
    return texts.get(t.locale, "")
