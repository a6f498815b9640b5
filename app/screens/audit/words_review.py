"""What entries about human review and customers' requests say."""

from collections.abc import Mapping

from core.i18n import N_

SENTENCES_OF_REVIEW: Mapping[str, str] = {
    "person.looked_up": N_("{person} looked up the decisions of a person in {model}"),
    "review.appealed": N_("{person} opened case {case} of {model} for an appeal"),
    "review.asked_customer": N_("{person} asked the customer about case {case} of {model}"),
    "review.assigned": N_("{person} assigned case {case} of {model}"),
    "review.assigned_by_rule": N_(
        "New cases of {model} were given out by skill, language and load"
    ),
    "review.bulk": N_("{person} changed many cases at once"),
    "review.checked": N_("{person} checked case {case} of {model} and agreed"),
    "review.check_taken": N_("{person} took case {case} of {model} to check it"),
    "review.claimed": N_("{person} claimed case {case} of {model}"),
    "review.commented": N_("{person} wrote a comment on case {case} of {model}"),
    "review.customer_answered": N_(
        "{person} noted the customer's answer to case {case} of {model}"
    ),
    "review.escalated": N_("{person} escalated case {case} of {model}"),
    "review.expired": N_("Case {case} of {model} went back to the queue: its time ran out"),
    "review.fed": N_("Final verdicts of {model} became rows of its decisions (batch {batch})"),
    "review.file_added": N_("{person} attached a file to case {case} of {model}"),
    "review.file_read": N_("{person} opened a file of case {case} of {model}"),
    "review.file_removed": N_("{person} removed a file from case {case} of {model}"),
    "review.final": N_("The verdict on case {case} of {model} became final through {person}"),
    "review.given_back": N_("{person} gave case {case} of {model} back"),
    "review.handed_over": N_("Cases of somebody who is away went to the deputy"),
    "review.linked": N_("{person} put a request to the waiting case {case} of {model}"),
    "review.no_answer": N_(
        "Case {case} of {model} went back to the queue: the customer had not answered"
    ),
    "review.own_view": N_("{person} noted an own view of case {case} of {model}"),
    "review.priority_set": N_("{person} set the priority of case {case} of {model}"),
    "review.proposed": N_("{person} proposed a verdict on case {case} of {model}"),
    "review.routed": N_("A rule chose what the waiting case {case} of {model} is about"),
    "review.sent_back": N_("{person} sent case {case} of {model} back to its maker"),
    "review.simulated": N_("{person} drew simulated verdicts for {model}"),
    "review.taken_back": N_("{person} took the verdict on case {case} of {model} back"),
    "review.withdrawn": N_("{person} withdrew case {case} of {model}"),
    "reviewer.changed": N_("{person} changed what {user} reviews"),
    "rights.answered": N_("{person} answered request {request}"),
    "rights.case_opened": N_("{person} opened a case for request {request}"),
    "rights.copy_made": N_("{person} made the copy for request {request}"),
    "rights.corrected": N_("{person} noted the correction that request {request} asked for"),
    "rights.disclosed": N_("{person} noted who was given a customer's data"),
    "rights.identified": N_("{person} confirmed who asks in request {request}"),
    "rights.late_notice": N_("{person} noted that request {request} will be late, and why"),
    "rights.letter": N_("{person} made a letter for request {request}"),
    "rights.letter_sent": N_("{person} noted that a letter about request {request} was sent"),
    "rights.named": N_("{person} named the prediction of request {request}"),
    "rights.note_attached": N_("{person} attached a dispute note for request {request}"),
    "rights.note_withdrawn": N_("{person} withdrew a dispute note of request {request}"),
    "rights.notice_sent": N_("{person} noted that the notice about request {request} was sent"),
    "rights.opted_in": N_("{person} ended an opt-out"),
    "rights.opted_out": N_("{person} entered an opt-out for request {request}"),
    "rights.received": N_("{person} took in request {request}"),
    "rights.recipient_not_told": N_(
        "{person} noted why a recipient was not told of request {request}"
    ),
    "rights.recipient_told": N_("{person} noted that a recipient was told of request {request}"),
    "rights.reference_revealed": N_("{person} saw the customer's reference of request {request}"),
    "rights.refusal_proposed": N_("{person} proposed to refuse request {request}"),
    "rights.refused": N_("{person} refused request {request}"),
    "rights.sender_set": N_("{person} set the sender of letters"),
    "rights.snapshot": N_("{person} froze the data as at receipt of request {request}"),
    "rights.taken": N_("{person} took request {request} over"),
    "rights.warned": N_("The time of request {request} runs out: the desk was warned"),
    "rights.withdrawn": N_("{person} noted that request {request} was withdrawn"),
    "rights.words_read": N_("{person} read what the customer of request {request} wrote"),
}
"""Kind → sentence."""
