"""What readers are told about letters: their checks, what is wrong with a template, the sources."""

from collections.abc import Mapping

from core.domain.explanation.record import LOGGED, MODEL
from core.i18n import N_
from core.metrics.counterfactual import Nothing
from core.services.explanation.other_results import NO_POLICY, NOT_ADVERSE

TEMPLATE_FAULTS: Mapping[str, str] = {
    "unknown_language": N_("{place} is no language of letters: use en, zh-HK and zh-CN."),
    "unknown_part": N_("{place} is no part of a letter."),
    "lacking": N_("{place} is lacking; every part is needed in every language."),
    "unnamed": N_("{place} does not name {{{found}}}."),
    "odd_hole": N_("{place} has other braces than this part may have: {found}"),
    "too_long": N_("{place} has {found} characters; the most are 600."),
    "too_hard": N_("{place} is too hard to read: {found}"),
    "too_many_pages": N_("{place}: the example letter fills {found} pages instead of one."),
}
"""What can be wrong with a template."""

CHECKS: Mapping[str, str] = {
    "source": N_("The letter says where its reasons are from"),
    "named_source": N_("The print says where the explanation is from"),
    "score": N_("The registered model gives the score of the log"),
    "inputs": N_("Every reason is about data that the model read"),
    "coded": N_("Every reason has its code and sentence"),
    "specific": N_("No reason could be said to anybody"),
    "reproduces": N_("Explained again, the decision has the same reasons"),
    "advice": N_("No protected field, and none that stands in for one, is advised"),
    "other_results": N_("Every other result is what the model gives"),
    "languages": N_("All languages say the same reasons"),
    "nothing_told": N_("Nothing of the reasons is told"),
    "one_page": N_("The letter is one page"),
    "readable": N_("The letter is not too hard to read"),
}
"""Acceptance check → what it says."""

REMEDIES: Mapping[str, str] = {
    "source": N_("Register the model's files, so that the decision can be explained by the model."),
    "named_source": N_("Keep a new record: this one names a source that is not known here."),
    "score": N_("Register the files of the version that decided, and keep a new record."),
    "inputs": N_("Keep a new record: the contract no longer has these fields, or the sums differ."),
    "coded": N_("Propose a code book with these reasons, have it approved, and keep a new record."),
    "specific": N_(
        "Change these sentences of the code book, have it approved, and keep a new record."
    ),
    "reproduces": N_(
        "Keep a new record: the log, the model's files or the code book changed meanwhile."
    ),
    "advice": N_("Keep a new record: the contract no longer lets these fields be advised."),
    "other_results": N_("Keep a new record: the model gives other scores for these changes now."),
    "languages": N_(
        "Complete the code book in every language, have it approved, and keep a new record."
    ),
    "nothing_told": N_("Take what the template tells of reasons out of it."),
    "one_page": N_("Shorten the code book's sentences, the template or the sender's lines."),
    "readable": N_("Write shorter sentences and plainer words in the code book or the template."),
}
"""What to do where a check failed."""

SOURCES: Mapping[str, str] = {
    MODEL: N_(
        "These reasons are from the model itself. We ran it again on your data, and it gave the "
        "same result."
    ),
    LOGGED: N_("These reasons are as our log had them when the decision was made."),
}
"""Where an explanation is from, as a letter says it."""

NO_OTHER: Mapping[str, str] = {
    NO_POLICY: N_(
        "We cannot say: our records hold no limit of the model's result to compare with."
    ),
    NOT_ADVERSE: "",
    Nothing.already_other_result: N_(
        "The result of the model alone was on the side of another decision already."
    ),
    Nothing.no_actionable_field: N_(
        "We looked, and found none: the model read nothing that you could change."
    ),
    Nothing.not_reachable: N_(
        "We looked, and found none: no change that you could make would have been enough."
    ),
    Nothing.only_implausible: N_(
        "We looked, and name none: only changes unlike any real case would have been enough."
    ),
}
"""Why no other result is named, as a letter says it; empty where nobody asks for another one."""
NOT_ASKED = N_("We cannot say: the model itself could not be asked.")
