"""Which keys do what in human review, and the words of its widget in the reader's language."""

from collections.abc import Sequence
from typing import Any

from core.domain.review import Verdict, reasons_for
from core.i18n import N_, Translator

UPHOLD, OVERTURN = str(Verdict.uphold), str(Verdict.overturn)
_WALK = ((("J", "K"), N_("Next and previous row or part of the page")),)
_OFTEN = (
    (("?",), N_("Show or hide this list")),
    (("Esc",), N_("Leave a field, or close this list")),
)
QUEUE_KEYS = (
    (("N",), N_("Claim the next case")),
    (("Enter",), N_("Open the row that is marked")),
    *_WALK,
    *_OFTEN,
)
_FILES = (("F",), N_("Put a file with the case"))
_VERDICT_KEYS = (
    (("U",), N_("Uphold the model's decision")),
    (("O",), N_("Overturn it")),
    (("E",), N_("Escalate to a lead")),
    (("A",), N_("Ask the customer")),
    (("1", "2", "3", "4", "5", "6"), N_("Choose a reason by its number")),
    (("Ctrl+Enter",), N_("Submit and take the next case; also while writing")),
)
_CHECK_KEYS = (
    (("U",), N_("Agree with the maker")),
    (("O",), N_("Send it back to the maker")),
    (("E",), N_("Escalate to a lead")),
    (("Ctrl+Enter",), N_("Submit and take the next check; also while writing")),
)
_VIEW_KEYS = (
    (("U",), N_("You would uphold the decision")),
    (("O",), N_("You would overturn it")),
    (("Ctrl+Enter",), N_("Record your view and show the score")),
)
CASE_KEYS = {
    "maker": (*_VERDICT_KEYS, _FILES, *_WALK, *_OFTEN),
    "checker": (*_CHECK_KEYS, _FILES, *_WALK, *_OFTEN),
    "own_view": (*_VIEW_KEYS, *_WALK, *_OFTEN),
    "read": ((("N",), N_("Claim the next case")), *_WALK, *_OFTEN),
}


def key_map(t: Translator, keys: Sequence[tuple[tuple[str, ...], str]]) -> list[dict[str, Any]]:
    """Return the list of keys as the widget shows it."""
    return [{"keys": list(names), "does": t(does)} for names, does in keys]


def words(t: Translator, stage: str = "read") -> dict[str, str]:
    """Return every text of the widget."""
    return {
        "keys": t("Keys"),
        "keys_on": t("Single keys work"),
        "close": t("Close the list"),
        "form": t("Your verdict"),
        "verdict": t("Check") if stage == "checker" else t("Verdict"),
        "hint": t("Choose a verdict: each has its key."),
        "reason": t("Reason"),
        "final": t("Decision instead"),
        "follow_up": t("Ask again on"),
        "text": t("In your words; name no personal value"),
        "text_overturn": t("Why, in your words; name no personal value"),
        "text_escalate": t("What the lead should look at"),
        "text_ask": t("What you ask the customer"),
        "text_send_back": t("What the maker should look at again"),
        "evidence": t("Evidence: which document shows what"),
        "press": t("Submit and next"),
        "press_uphold": t("Uphold and next"),
        "press_overturn": t("Overturn and next"),
        "press_escalate": t("Escalate and next"),
        "press_ask": t("Ask and next"),
        "press_agree": t("Agree and next"),
        "press_send_back": t("Send back and next"),
        "submit_only": t("Submit and stay"),
        "give_back": t("Give back"),
        "need_verdict": t("Choose a verdict first."),
        "need_reason": t("Choose a reason: press its number."),
        "need_evidence": t("To overturn a decision takes evidence: name the document."),
        "need_text": t("Say it in a few words."),
        "saving": t("Saving…"),
        "saved": t("Saved {time}", time="{time}"),
        "not_begun": t("What you write is saved as you write."),
        "lease": t("Yours for {time}", time="{time}"),
        "lease_over": t("Your time is over: the case may go back; what you wrote is kept."),
    } | (
        {
            "press": t("Show the score"),
            "press_uphold": t("Record and show the score"),
            "press_overturn": t("Record and show the score"),
            "form": t("Your own view first"),
            "verdict": t("Your own view first"),
        }
        if stage == "own_view"
        else {}
    )


def verdict_options(t: Translator, stage: str) -> list[dict[str, str]]:
    """Return what can be chosen at a stage, each with its key."""
    found = {
        "maker": (
            (UPHOLD, "U", N_("Uphold")),
            (OVERTURN, "O", N_("Overturn")),
            ("escalate", "E", N_("Escalate")),
            ("ask", "A", N_("Ask")),
        ),
        "own_view": (
            (UPHOLD, "U", N_("I would uphold")),
            (OVERTURN, "O", N_("I would overturn")),
        ),
        "checker": (
            ("agree", "U", N_("Agree")),
            ("send_back", "O", N_("Send back")),
            ("escalate", "E", N_("Escalate")),
        ),
    }[stage]
    return [{"code": code, "key": key, "label": t(label)} for code, key, label in found]


def reason_options(t: Translator) -> dict[str, list[dict[str, str]]]:
    """Return the reasons of both verdicts, each with its number."""
    return {
        str(verdict): [
            {
                "code": each.code,
                "key": str(place),
                "label": t(each.label),
                "meaning": t(each.meaning),
            }
            for place, each in enumerate(reasons_for(verdict), start=1)
        ]
        for verdict in Verdict
    }
