"""What an entry of the audit trail says, as a sentence for people; the bytes stay the evidence."""

from collections import defaultdict
from collections.abc import Mapping

from app.screens.audit.words_review import SENTENCES_OF_REVIEW
from core.i18n import N_, Translator
from core.services.audit.trail import TrailEntry

SENTENCES: Mapping[str, str] = {
    **SENTENCES_OF_REVIEW,
    "alert.acknowledged": N_("{person} acknowledged an alert of {model}"),
    "alert.assigned": N_("{person} assigned an alert of {model}"),
    "alert.channel_added": N_("{person} let alerts be sent to one more place"),
    "alert.channel_removed": N_("{person} ended the sending of alerts to one place"),
    "alert.closed": N_("{person} closed an alert of {model}"),
    "alert.rule_not_carried_out": N_("A rule could not act on {model}"),
    "alert.rule_removed": N_("{person} removed a rule of alerts of {model}"),
    "alert.rule_set": N_("{person} set a rule of alerts of {model}"),
    "alert.snoozed": N_("{person} silenced an alert of {model} for a while"),
    "approval.approved": N_("{person} approved what somebody else proposed ({approval})"),
    "approval.expired": N_("A proposal ran out undecided ({approval})"),
    "approval.proposed": N_("{person} proposed a step that takes two people ({approval})"),
    "approval.rejected": N_("{person} rejected what somebody else proposed ({approval})"),
    "approval.withdrawn": N_("{person} withdrew a proposal ({approval})"),
    "assignment.ended": N_("{person} ended an assignment of {user} to {model}"),
    "assignment.made": N_("{person} assigned {user} to {model}"),
    "audit.anchor_changed": N_("{person} changed where checkpoints are anchored"),
    "audit.key_rotated": N_("{person} changed the key that signs checkpoints"),
    "audit.export_ordered": N_("{person} ordered an export of the audit trail"),
    "audit.exported": N_("{person} exported the audit trail"),
    "audit.schedule_changed": N_("{person} changed how often checkpoints are made"),
    "audit.verification_ordered": N_("{person} had the audit trail verified"),
    "backup.made": N_("{person} made a backup"),
    "backup.restored": N_("{person} restored a backup"),
    "batch.expired": N_("Batch {batch} for {model} was given up; nobody wrote it any more"),
    "batch.failed": N_("{person} began batch {batch} for {model}; it failed"),
    "batch.published": N_("{person} ingested batch {batch} for {model}"),
    "batch.skipped": N_("{person} ingested batch {batch} for {model}; nothing in it was new"),
    "check.made": N_("{person} checked {model}"),
    "check.schedule_changed": N_("{person} changed how often models are checked"),
    "closure.added": N_("{person} entered a day on which offices are shut"),
    "closure.imported": N_("{person} entered a list of days on which offices are shut"),
    "closure.removed": N_("{person} took back a day on which offices are shut"),
    "code_book.approved": N_("{person} put a code book of {model} in force ({approval})"),
    "dispute.shown": N_("{person} was shown that {prediction} of {model} is disputed"),
    "doctor.removed": N_("{person} removed leftover files"),
    "dossier.made": N_("{person} made the dossier of a decision of {model}"),
    "dossier.refused": N_(
        "The record of a decision of {model} did not pass its checks; {person} wanted its dossier"
    ),
    "dossier.given": N_("{person} gave the dossier of a decision of {model} away"),
    "erasure.completed": N_("The erasure {erasure} was completed"),
    "explanation.batch_made": N_("{person} had many decisions of {model} explained"),
    "explanation.bulk_made": N_("Explanations and letters about decisions of {model} were made"),
    "explanation.bulk_ordered": N_(
        "{person} ordered explanations or letters about many decisions of {model}"
    ),
    "explanation.score_differs": N_(
        "An explanation of {prediction}, {model}, found another score than the log"
    ),
    "explanation.kept": N_("{person} kept an explanation of {prediction}, {model}"),
    "explanation.kept_many": N_("{person} kept many explanations of {model}"),
    "export.fetched": N_("{person} fetched an exported file"),
    "export.made": N_("{person} exported a file"),
    "hold.lifted": N_("{person} lifted a legal hold"),
    "hold.placed": N_("{person} placed a legal hold"),
    "hook.added": N_("{person} set up a hook"),
    "hook.called": N_("A hook was called"),
    "hook.removed": N_("{person} removed a hook"),
    "hook.switched_off": N_("{person} switched a hook off"),
    "hook.switched_on": N_("{person} switched a hook on"),
    "hook.tested": N_("{person} tested a hook"),
    "ingest.ordered": N_("{person} uploaded a file for {model}"),
    "annotation.made": N_("{person} noted on the time axis of {model}"),
    "annotation.removed": N_("{person} took a note off the time axis of {model}"),
    "letter.refused": N_(
        "A letter about {prediction}, {model}, did not pass its checks; {person} had asked for it"
    ),
    "letter.released": N_("{person} released a letter about {prediction}, {model}"),
    "letter_template.approved": N_(
        "{person} put other fixed words of letters in force ({approval})"
    ),
    "lake.compacted": N_("{person} merged stored files of {model}"),
    "monthly_report.made": N_("{person} made a monthly report of {model}"),
    "monthly_report.plan_changed": N_("{person} changed when monthly reports are made"),
    "card.made": N_("{person} made the card of {model}"),
    "portfolio.exported": N_("{person} exported the portfolio"),
    "rates.imported": N_("{person} imported exchange rates"),
    "model.registered": N_("{person} registered {model}"),
    "model.reproduced": N_("{person} had a sample of {model} reproduced"),
    "model.resumed": N_("{person} resumed {model}"),
    "model.rolled_back": N_("{person} rolled {model} back to an earlier version"),
    "model.rolled_forward": N_("{person} let a later version of {model} serve"),
    "model.suspended": N_("{person} suspended {model}"),
    "pack.given": N_("{person} gave a pack of dossiers of {model} away ({sample})"),
    "pack.made": N_("{person} made a pack of dossiers of {model} ({sample})"),
    "pack.ordered": N_("{person} ordered a pack of dossiers of {model} ({sample})"),
    "page.viewed": N_("{person} opened a page as examiner"),
    "password.changed": N_("{person} changed their password"),
    "password.reset": N_("{person} reset the password of {user}"),
    "personal.revealed": N_("{person} revealed personal data of {prediction}, {model}"),
    "personal.revealed of batch": N_(
        "{person} revealed personal data of a refused row of batch {batch}, {model}"
    ),
    "prediction.held": N_("{person} held the decision {prediction} of {model}"),
    "prediction.released": N_("{person} released the decision {prediction} of {model}"),
    "prediction.stopped": N_("{person} stopped the decision {prediction} of {model}"),
    "release.answered": N_("{person} was told whether {prediction} of {model} may take effect"),
    "opt_out.told": N_("{person} was told that a customer of {model} opted out"),
    "oversight.individuals_opened": N_("{person} opened single reviewers' figures of {model}"),
    "review.controls_made": N_("Blind controls were put into the queue of {model}"),
    "review.doubles_made": N_("Blind second reviews were put into the queue of {model}"),
    "review.unmasked": N_("A blind control of {model} was unmasked after its verdict"),
    "review.made": N_("Predictions of {model} became cases of human review (batch {batch})"),
    "sample.drawn": N_("{person} drew a sample of decisions of {model} ({sample})"),
    "sample.ordered": N_("{person} put on record which sample of {model} to draw ({sample})"),
    "scenario.saved": N_("{person} kept a scenario of {model}"),
    "quarantine.exported": N_("{person} exported rows in quarantine of {model}"),
    "reference.live": N_("A new reference of {model} went live"),
    "report.ordered": N_("{person} ordered a report on {model}"),
    "retention.disposed": N_("{person} removed records past their maximum ({approval})"),
    "retention.set": N_("{person} set how long {record_class} is kept"),
    "second_factor.added": N_("{person} added a second factor"),
    "second_factor.begun": N_("{person} began to add a second factor"),
    "second_factor.code_used": N_("{person} used a recovery code"),
    "second_factor.codes_made": N_("{person} made new recovery codes"),
    "second_factor.removed": N_("{person} removed their second factor"),
    "second_factor.reset": N_("{person} reset the second factor of {user}"),
    "session.ended": N_("{person} ended a session of {user}"),
    "session.locked": N_("Signing in was locked after failed attempts"),
    "session.refused": N_("Signing in was refused"),
    "session.second_factor_asked": N_(
        "{person} gave the right password; the code is still to come"
    ),
    "session.signed_in": N_("{person} signed in"),
    "session.stepped_up": N_("{person} gave password or code once more"),
    "sign_in.settings_changed": N_("{person} changed the rules of signing in"),
    "source.unlocked": N_("{person} unlocked a source of sign-ins"),
    "subject.erased": N_("{person} erased a person (erasure {erasure})"),
    "token.made": N_("{person} made a token for a serving system ({token})"),
    "token.refused": N_("A token of a serving system was refused ({token})"),
    "token.revoked": N_("{person} revoked a token of a serving system ({token})"),
    "user.added": N_("{person} added the user {user}"),
    "user.disabled": N_("{person} disabled the user {user}"),
    "user.enabled": N_("{person} enabled the user {user}"),
    "user.identity_changed": N_("{person} changed the outside identity of {user}"),
    "user.language_changed": N_("{person} changed the language"),
    "user.roles_changed": N_("{person} changed the roles of {user}"),
    "user.scope_changed": N_("{person} changed the scope of {user}"),
    "user.unlocked": N_("{person} unlocked {user}"),
    "watch.added": N_("{person} had a folder watched for {model}"),
    "watch.refused": N_("A file in a watched folder of {model} was refused"),
    "watch.removed": N_("{person} ended watching a folder for {model}"),
}

_NAMED = (
    "approval",
    "batch",
    "case",
    "erasure",
    "model",
    "prediction",
    "record_class",
    "request",
    "sample",
    "token",
    "user",
)

OBJECTS: Mapping[str, str] = {
    "approval": N_("Proposal"),
    "batch": N_("Batch"),
    "case": N_("Case"),
    "erasure": N_("Erasure"),
    "job": N_("Job"),
    "jurisdiction": N_("Jurisdiction"),
    "model": N_("Model"),
    "prediction": N_("Decision"),
    "request": N_("Request"),
    "sample": N_("Sample"),
    "subject": N_("Subject"),
    "token": N_("Token"),
    "user": N_("User"),
}


def person_name(t: Translator, name: str) -> str:
    """Return who did it, as the reader calls them."""
    if name.startswith("rule:"):
        return t("A rule")
    return t("The worker") if name == "worker" else name


def kind_label(t: Translator, kind: str) -> str:
    """Return what entries of a kind say, without naming anybody."""
    template = SENTENCES.get(kind)
    return kind if template is None else t(template, **dict.fromkeys(("person", *_NAMED), "…"))


def entry_sentence(t: Translator, found: TrailEntry) -> str:
    """Return what an entry says; a kind that this version does not know is named as it is."""
    person = person_name(t, found.person)
    kind = found.entry.kind
    of_batch = "batch" in found.about and "prediction" not in found.about
    template = SENTENCES.get(f"{kind} of batch" if of_batch else kind) or SENTENCES.get(kind)
    if template is None:
        return t("{person}: {kind}", person=person, kind=found.entry.kind)
    known = defaultdict(lambda: "–", found.about)
    return t(template, person=person, **{name: known[name] for name in _NAMED})
