"""The words of oversight quality: what each measure shows and cannot show, and figures as text."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan

from app.components import Definition
from core.i18n import N_, Translator
from core.metrics.oversight import MINIMUM
from core.services.oversight.measures import Measure


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one measure: name, what it counts, what it cannot show, what has to come first.

    All are message ids.
    """

    name: str
    shows: str
    limits: str
    first: str


MEASURE_WORDS: Mapping[str, Words] = {
    "override": Words(
        N_("Overturned"),
        N_("How often people decide otherwise than the model."),
        N_("A good model is rarely overturned, and so is one that nobody looks at."),
        N_("Needs decided cases."),
    ),
    "controls_caught": Words(
        N_("Controls caught"),
        N_("Of past cases that went against the model, how many people overturned unknowingly."),
        N_("What came later could not be known: nobody can catch all of them."),
        N_("Needs decided cases whose outcome is final, and a share of controls in the contract."),
    ),
    "controls_upheld": Words(
        N_("Controls rightly upheld"),
        N_("Of past cases that turned out as the model said, how many people upheld unknowingly."),
        N_("Read it beside the controls caught: who overturns everything catches all."),
        N_("Needs decided cases whose outcome is final, and a share of controls in the contract."),
    ),
    "anchoring": Words(
        N_("Anchoring: agreement with the score less agreement without it"),
        N_("How much seeing the score moves people; chance decided in which cases they do."),
        N_(
            "A lower bound: the decision is seen in both. Where the score is right, following it "
            "is no fault."
        ),
        N_("Needs a share of hidden scores in the contract, and decided cases of both kinds."),
    ),
    "kappa": Words(
        N_("Agreement of two reviewers (Cohen's kappa)"),
        N_("How far two people who do not know of each other agree, beyond chance."),
        N_("Two people can agree and both be wrong; rare verdicts make it low."),
        N_("Needs a share of second reviews in the contract, and some decided."),
    ),
    "alpha": Words(
        N_("Agreement of all reviews of a case (Krippendorff's alpha)"),
        N_("The same for any number of reviews of a case; who is missing is left out."),
        N_("Of two reviewers it is not the number of kappa: it takes their verdicts together."),
        N_("Needs a share of second reviews in the contract, and some decided."),
    ),
    "borne_out": Words(
        N_("Borne out by the outcome"),
        N_("Of verdicts whose outcome is final, how many it speaks for."),
        N_("Of declined customers it is mostly never known; good verdicts can turn out badly."),
        N_("Needs decided cases old enough for a final outcome."),
    ),
    "appeals_changed": Words(
        N_("Changed on appeal"),
        N_("Of appealed decisions, how many a third person changed; by who decided first."),
        N_("Few appeal, and not at random."),
        N_("Needs decided appeals."),
    ),
    "relied_on_model": Words(
        N_("Wrong own view given up (RAIR)"),
        N_("Where the own view was wrong and the model right, how often the end was right."),
        N_("Right and wrong are known by hindsight only."),
        N_("Needs cases judged before the score was shown, with a final outcome."),
    ),
    "relied_on_self": Words(
        N_("Right own view kept (RSR)"),
        N_("Where the own view was right and the model wrong, how often the end was right."),
        N_("Right and wrong are known by hindsight only."),
        N_("Needs cases judged before the score was shown, with a final outcome."),
    ),
    "evidence_opened": Words(
        N_("Further evidence opened"),
        N_("Of verdicts given on the case page, those before which more of it was opened."),
        N_("An open part is not a read one, and simple cases need none."),
        N_("Needs decided cases."),
    ),
    "outside_page": Words(
        N_("Given outside of the case page"),
        N_("Verdicts given by command, of which nobody can say what was looked at."),
        N_("A command is no fault: the file may have been read elsewhere."),
        N_("Needs decided cases."),
    ),
    "fast": Words(
        N_("Far quicker than usual"),
        N_("Verdicts far below the same person's usual time; 2.3% are to be expected."),
        N_("A quick verdict can be a clear case, and who is always quick has no quick ones."),
        N_("Needs decided cases with their time."),
    ),
}
VERDICTS: Mapping[str, str] = {
    "uphold": N_("Upheld"),
    "overturn": N_("Overturned by people"),
}
NOTHING = "–"
KEPT_BACK = N_("kept back: would tell of one person")
_POINTS = frozenset({"anchoring"})
_FROM_0_TO_1 = frozenset({"kappa", "alpha"})


def figure_text(t: Translator, found: Measure) -> str:
    """Return a figure, or why there is none."""
    if found.is_withheld and found.n >= MINIMUM:
        return t("team only: another's would follow")
    if found.is_withheld:
        return t("team only: {n} of 100", n=t.number(found.n))
    if isnan(found.value):
        return NOTHING
    if found.id in _POINTS:
        return t("{points} points", points=_signed(t, 100 * found.value))
    return t.number(found.value, 2) if found.id in _FROM_0_TO_1 else t.percent(found.value)


def team_text(t: Translator, found: Measure) -> str:
    """Return a figure of the team, or why there is none."""
    return t(KEPT_BACK) if found.is_withheld else figure_text(t, found)


def interval_text(t: Translator, found: Measure) -> str:
    """Return the interval of a figure."""
    if isnan(found.low):
        return NOTHING
    if found.id in _POINTS:
        low, high = _signed(t, 100 * found.low), _signed(t, 100 * found.high)
        return t("{low} to {high}", low=low, high=high)
    if found.id in _FROM_0_TO_1:
        return t("{low} to {high}", low=t.number(found.low, 2), high=t.number(found.high, 2))
    return t("{low} to {high}", low=t.percent(found.low), high=t.percent(found.high))


def counted_text(t: Translator, found: Measure) -> str:
    """Return what a figure counts over."""
    if found.parts:
        (_, seen), (_, hidden) = found.parts
        return t("{seen} shown, {hidden} hidden", seen=t.number(seen), hidden=t.number(hidden))
    return t.number(found.n)


def _signed(t: Translator, value: float) -> str:
    sign = "+" if value > 0 else ("\u2212" if value < 0 else "")
    return f"{sign}{t.number(abs(value), 1)}"


def is_told(found: Measure) -> bool:
    """Whether there is a figure."""
    return not isnan(found.value)


def definitions(t: Translator) -> list[Definition]:
    """Return what the words of the page mean."""
    return [
        Definition(
            t("Blind control"),
            t(
                "A decided case whose outcome is known, put into the queue once more. It looks "
                "like any other, touches no customer, and is unmasked right after its verdict."
            ),
        ),
        Definition(
            t("Second review"),
            t("A decided case, drawn by chance, that somebody else decides without knowing it."),
        ),
        Definition(
            t("95% interval"),
            t("Of shares Wilson's, of differences Newcombe's: few cases make it wide."),
        ),
        Definition(
            t("Team only"),
            t(
                "Of fewer than 100 cases a figure says too little of one person. It is kept back "
                "as well where it could be told from the team's and the others'."
            ),
        ),
        Definition(
            t("Kept back"),
            t(
                "The team's figure is shown where at least three people have a part in it and "
                "100 cases are left without those of any one of them."
            ),
        ),
        Definition(
            t("Age of a control"),
            t(
                "Controls are past cases, so they may be told by their day where live cases are "
                "new: the share caught is an upper bound."
            ),
        ),
    ]
