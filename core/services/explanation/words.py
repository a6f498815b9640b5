"""What readers are told about explanations."""

from collections.abc import Mapping

from core.i18n import N_

CODE_FAULTS: Mapping[str, str] = {
    "no_codes": N_("The file has no list 'codes'."),
    "no_entry": N_("Code {place} is no entry: write code, field, direction and sentence."),
    "unknown_key": N_("Code {place} says {found}, which is not known here."),
    "lacking": N_("Code {place} lacks {found}."),
    "odd_code": N_("Code {place} is called {found}: use 2 to 12 capital letters and digits."),
    "code_twice": N_("Code {place} is called {found} like one before it."),
    "no_feature": N_("Code {place} names {found}, which is no feature of the model."),
    "odd_direction": N_("Code {place} says {found}: a direction is 'raises' or 'lowers'."),
    "reason_twice": N_("Code {place} is the second one for {found}."),
    "no_value": N_("Code {place} does not name the person's own {{value}} in {found}."),
    "odd_hole": N_("Code {place} has other braces than {{value}} and {{usual}} in {found}."),
    "too_long": N_("Code {place} is longer than 240 characters in {found}."),
    "generic": N_("Code {place} could be said to anybody: {found}"),
    "protected": N_("Code {place} names the protected column {found}."),
}
"""What can be wrong with a code book, by the kinds of :class:`CodeFault`."""
