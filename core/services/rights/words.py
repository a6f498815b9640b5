"""What readers call the kinds, states, channels, grounds and steps of customers' requests."""

from collections.abc import Mapping

from core.i18n import N_

KINDS: Mapping[str, str] = {
    "review": N_("Human review"),
    "explanation": N_("Explanation"),
    "access": N_("Data access"),
    "correction": N_("Data correction"),
    "opt_out": N_("Opt-out"),
}
STATES: Mapping[str, str] = {
    "received": N_("Identity to be checked"),
    "identified": N_("In hand"),
    "answered": N_("Answered"),
    "refused": N_("Refused"),
    "withdrawn": N_("Withdrawn"),
}
CHANNELS: Mapping[str, str] = {
    "letter": N_("Letter"),
    "email": N_("E-mail"),
    "branch": N_("Branch"),
    "web": N_("Website"),
    "phone": N_("Telephone"),
}
METHODS: Mapping[str, str] = {
    "document": N_("Identity document seen"),
    "signature": N_("Signature compared"),
    "secure_sign_in": N_("Signed in to a secured service"),
    "questions": N_("Security questions answered"),
    "representative": N_("Authority of a representative seen"),
}
GROUNDS: Mapping[str, str] = {
    "identity_not_shown": N_("The customer's identity was not shown"),
    "not_enough_to_find": N_("Too little was said to find the data"),
    "others_data": N_("It cannot be met without another person's data"),
    "other_data_user": N_("Another organisation controls the data"),
    "repeated": N_("It repeats a request that was answered"),
    "not_inaccurate": N_("The data are not shown to be wrong"),
    "opinion": N_("It is an opinion, and it was not changed"),
    "financial_crime": N_("An answer would harm the prevention of financial crime"),
    "exempt": N_("An exemption applies, which the reasons name"),
    "other": N_("Another ground, which the reasons name"),
}
OUTCOMES: Mapping[str, str] = {
    "upheld": N_("Decision upheld"),
    "overturned": N_("Decision overturned"),
    "copy_supplied": N_("Copy supplied"),
    "nothing_held": N_("No data held"),
    "explained": N_("Explained"),
    "corrected": N_("Corrected"),
    "note_attached": N_("Dispute note attached"),
    "opted_out": N_("Opt-out entered"),
    "refused": N_("Refused"),
    "withdrawn": N_("Withdrawn"),
}
ACTIONS: Mapping[str, str] = {
    "received": N_("Request received"),
    "named": N_("Prediction named"),
    "identified": N_("Identity confirmed"),
    "snapshot": N_("Data frozen as at receipt"),
    "taken": N_("Taken over"),
    "warned": N_("Warned that time runs out"),
    "words_read": N_("Customer's words read"),
    "reference_revealed": N_("Customer's reference revealed"),
    "copy_made": N_("Copy made"),
    "late_notice": N_("Notice of delay sent"),
    "letter": N_("Letter made"),
    "letter_sent": N_("Letter sent"),
    "case_opened": N_("Case opened"),
    "corrected": N_("Data corrected"),
    "disclosed": N_("Disclosure noted"),
    "recipient_told": N_("Recipient told"),
    "recipient_not_told": N_("Noted why a recipient is not told"),
    "note_attached": N_("Dispute note attached"),
    "note_withdrawn": N_("Dispute note withdrawn"),
    "opted_out": N_("Opt-out entered"),
    "opted_in": N_("Opt-out ended"),
    "refusal_proposed": N_("Refusal proposed"),
    "refused": N_("Request refused"),
    "notice_sent": N_("Notice of refusal sent"),
    "answered": N_("Request answered"),
    "withdrawn": N_("Request withdrawn"),
}
LEVELS: Mapping[str, str] = {
    "in_time": N_("in time"),
    "first": N_("25 days gone"),
    "second": N_("33 days gone"),
    "third": N_("38 days gone"),
    "overdue": N_("overdue"),
    "closed": N_("closed in time"),
    "closed_late": N_("closed late"),
}
DECISIONS: Mapping[str, str] = {
    "approve": N_("approved"),
    "decline": N_("declined"),
    "refer": N_("referred to a person"),
}
MODEL_DECIDED = N_("The model decided.")
NOBODY_DECIDED = N_("Our records hold no final decision by a person about it.")
ROLES: Mapping[str, str] = {
    "in_the_loop": N_("The model gave advice."),
    "in_command": N_("The model was used to sort cases (triage)."),
    "out_of_the_loop": MODEL_DECIDED,
}
"""What part the model had, by the oversight level that the contract of then named."""
RULES_OF_PEOPLE: Mapping[str, str] = {
    "in_the_loop": N_(
        "The rule for this version of the model then: a result takes effect only once a person "
        "has decided."
    ),
    "in_command": N_(
        "The rule for this version of the model then: people watch its results and can step in."
    ),
    "out_of_the_loop": N_(
        "The rule for this version of the model then: its results take effect without a person."
    ),
}
"""What the contract said of people, by its oversight level: a rule, not what was done."""
NO_ROLE = N_("Our records do not say how people watched the model then.")
