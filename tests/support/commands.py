"""Service commands by the permission that they ask for, on things that do not exist.

A command that gets as far as missing them was open to whoever called it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from core.domain.identity import Actor, Permission, Role
from core.errors import HarbourlightError
from core.i18n import translator
from core.services import (
    access_explain,
    alerts,
    checks,
    exports,
    hooks,
    maintenance,
    monthly,
    overview,
    rates,
    reports,
    value,
)
from core.services.alerts import editing
from core.services.approvals import four_eyes as approvals
from core.services.approvals import kinds as approval_kinds
from core.services.audit import checkpoints as audit_checkpoints
from core.services.audit import export_jobs as audit_export_jobs
from core.services.audit import keys as audit_keys
from core.services.audit import trail as audit_trail
from core.services.audit.trail import Search
from core.services.backup import taking as backup
from core.services.checks import glance
from core.services.drift import multivariate
from core.services.erasure import asking as erasure
from core.services.examiner import drawing, frames, packs, register
from core.services.explanation import code_books, letters, templates
from core.services.explanation.batch import explain_many
from core.services.explanation.bulk import order_bulk
from core.services.explanation.bulk_order import BulkOrder
from core.services.explanation.dossier import Order, make_dossier
from core.services.explanation.dossier_export import export_dossier
from core.services.explanation.failed_checks import failed_checks
from core.services.explanation.finding import find_explanation
from core.services.explanation.finding_decisions import (
    Wanted,
    decisions_of_person,
    find_decisions,
)
from core.services.explanation.keeping import keep_explanation
from core.services.explanation.keeping_many import keep_many
from core.services.explanation.looking import look_at
from core.services.explanation.releasing import release_letter
from core.services.explanation.stability_list import stability
from core.services.explanation.what_if import what_if
from core.services.fairness import measure as fairness
from core.services.identity import accounts, people, sessions
from core.services.ingest import views
from core.services.kpi_forecast import kpi_forecasts
from core.services.kpis import kpi_figures
from core.services.model_card import card_file
from core.services.oversight.quality import individual_figures, oversight_quality
from core.services.oversight.reviewed import reviewed_by_version
from core.services.personal import masking as personal
from core.services.questions import Question, resolve
from core.services.reference import making as references
from core.services.registry import assignments
from core.services.registry import models as registry
from core.services.reproduce import run as reproduce
from core.services.retention import disposal, holds
from core.services.retention import rules as retention
from core.services.review import cases, claims, override_export, verdicts
from core.services.rights import desk, intake, refusals
from core.services.rights.disclosures import recipients
from core.services.routing import breaches, rules, simulate
from core.services.serving import releases, rollback, tokens
from core.services.serving import state as model_state
from core.services.workspace import Workspace
from core.store import approvals as stored_approvals
from core.store.approvals import Approval
from tests.support.command_objects import case_of, request_of, scenario_of
from tests.support.serving import prediction

OTHER = "cards"
PLACES = {"HK": prediction(1), "CN": prediction(3)}
WHY = "Complaint C-17 of the branch"
NOBODY = "u-nobody"
Command = Callable[[Workspace, Actor, str, str], object]


# What a step is about, where it is not one model.
ABOUT = {
    erasure.ERASURE_KIND.name: "erasure",
    disposal.DISPOSAL_KIND.name: "disposal",
    refusals.REFUSAL.name: refusals.OBJECT,
}


def _audited(workspace: Workspace, actor: Actor, model: str, _place: str) -> bool:
    """Whether the trail tells of a model."""
    return bool(
        audit_trail.entries(workspace, Search(objects={"model": model}), actor=actor, limit=1)
    )


def _exported(workspace: Workspace, actor: Actor, model: str, place: str) -> bool:
    audit_export_jobs.order_export(workspace, Search(), actor=actor)
    return _audited(workspace, actor, model, place)


def _fetched(workspace: Workspace, actor: Actor, model: str, _place: str) -> None:
    exports.publish(
        workspace,
        b"",
        actor=actor,
        permission=Permission.model_view,
        name="x",
        media_type="text/csv",
        model=model,
        personal=True,
    )


def _withdrawn(workspace: Workspace, actor: Actor, model: str, _place: str) -> None:
    verdicts.withdraw(workspace, case_of(workspace, model), text=WHY, revision=0, actor=actor)


def _resolved(permission: Permission) -> Command:
    return lambda w, a, m, _: resolve(w, Question(m), permission, actor=a)


def decided(kind: str) -> Command:
    """Approve a step of a kind, which somebody else has proposed just now."""

    def approve(workspace: Workspace, actor: Actor, model: str, _place: str) -> None:
        now = workspace.clock()
        asked = Approval(
            id=workspace.new_id(),
            kind=kind,
            model_id=model,
            object_kind=ABOUT.get(kind, "model"),
            object_id=workspace.new_id(),
            command={},
            before={},
            after={},
            reason=WHY,
            proposed_by="u-proposer",
            proposed_at=now,
            expires_at=now + approvals.LIFETIME,
            state="pending",
        )
        with workspace.store.begin() as conn:
            stored_approvals.add(conn, asked)
        barred = approvals.obstacle(workspace, asked.id, actor=actor)
        try:
            approvals.approve(workspace, asked.id, actor=actor)
        except HarbourlightError:
            assert barred is not None
            raise
        assert barred is None

    return approve


def spec_of(workspace: Workspace, model: str) -> Path:
    return workspace.settings.home / f"{model}.yaml"


COMMANDS: Mapping[Permission, Sequence[Command]] = {
    Permission.model_view: [
        lambda w, a, m, _: registry.get_model(w, m, actor=a),
        lambda w, a, m, _: card_file(w, m, "md", actor=a),
    ],
    Permission.model_register: [
        lambda w, a, m, _: registry.register_model(w, spec_of(w, m), actor=a),
    ],
    Permission.reference_rebuild: [
        lambda w, a, m, _: references.rebuild_reference(w, m, actor=a),
    ],
    Permission.overview_view: [
        lambda w, a, m, _: m in {each.model.id for each in overview.overview(w, actor=a)},
        lambda w, a, m, _: glance.glance(w, m, actor=a),
    ],
    Permission.operations_view: [_resolved(Permission.operations_view)],
    Permission.drift_view: [
        _resolved(Permission.drift_view),
        lambda w, a, m, _: multivariate.reconstruction(w, Question(m), actor=a),
        lambda w, a, m, _: multivariate.separation(w, Question(m), actor=a),
    ],
    Permission.quality_view: [_resolved(Permission.quality_view)],
    Permission.check_run: [
        lambda w, a, m, _: checks.check(w, m, actor=a, alarm_sources={}, figure_sources={}),
    ],
    Permission.alert_view: [
        lambda w, a, m, _: alerts.list_alerts(w, actor=a, model_id=m),
        lambda w, a, m, _: alerts.list_rules(w, m, actor=a),
        lambda w, a, m, _: hooks.list_calls(w, model_id=m, actor=a),
    ],
    Permission.alert_manage: [
        lambda w, a, m, _: alerts.set_rule(w, m, "none", actor=a),
        lambda w, a, m, _: editing.rule_board(w, m, actor=a),
        lambda w, a, m, _: editing.preview_rule(w, m, actor=a),
    ],
    Permission.performance_view: [_resolved(Permission.performance_view)],
    Permission.fairness_view: [lambda w, a, m, _: fairness.fairness(w, Question(m), actor=a)],
    Permission.kpi_view: [
        lambda w, a, m, _: kpi_figures(w, Question(m), actor=a),
        lambda w, a, m, _: kpi_forecasts(w, Question(m), actor=a),
    ],
    Permission.kpi_export: [_resolved(Permission.kpi_export)],
    Permission.value_view: [
        _resolved(Permission.value_view),
        lambda w, a, m, _: value.list_scenarios(w, m, actor=a),
        lambda w, a, m, _: value.workload(w, Question(m), 0.5, actor=a),
    ],
    Permission.explanation_view: [
        lambda w, a, m, _: find_explanation(w, m, NOBODY, actor=a),
        lambda w, a, m, _: failed_checks(w, m, actor=a),
        lambda w, a, m, _: stability(w, m, actor=a),
        lambda w, a, m, _: look_at(w, m, NOBODY, actor=a),
        lambda w, a, m, _: what_if(w, m, NOBODY, {}, actor=a),
        lambda w, a, m, _: code_books.list_code_books(w, m, actor=a),
        lambda w, a, m, _: find_decisions(w, Question(m), Wanted(), actor=a),
    ],
    Permission.explanation_make: [
        lambda w, a, m, _: keep_explanation(w, m, NOBODY, actor=a),
        lambda w, a, m, _: order_bulk(w, BulkOrder(m), actor=a),
        lambda w, a, m, _: explain_many(w, m, "true", Path("nowhere"), limit=0, actor=a),
        lambda w, a, m, _: keep_many(w, m, (), buried=-1, actor=a),
    ],
    Permission.dossier_make: [
        lambda w, a, m, _: make_dossier(
            w, m, NOBODY, Order("An examiner", WHY), t=translator("en"), actor=a
        ),
        lambda w, a, m, _: export_dossier(
            w, m, NOBODY, Order("An examiner", WHY), t=translator("en"), actor=a
        ),
    ],
    Permission.examiner_view: [
        lambda w, a, m, _: drawing.list_samples(w, m, actor=a),
        lambda w, a, m, _: register.read_register(w, register.Wanted(model_id=m), actor=a),
    ],
    Permission.examiner_work: [
        lambda w, a, m, _: drawing.draw_sample(w, frames.Plan(m, "random", 0), actor=a),
        lambda w, a, m, _: drawing.count_population(w, frames.Plan(m, "random", 0), actor=a),
        lambda w, a, m, _: packs.newest_packs(w, m, actor=a),
    ],
    Permission.letter_release: [
        lambda w, a, m, _: letters.make_letter(w, m, NOBODY, language="en", actor=a),
        lambda w, a, m, _: release_letter(w, m, NOBODY, language="en", actor=a),
    ],
    Permission.template_propose: [
        lambda w, a, *_: templates.check_template(w, {}, actor=a),
        lambda w, a, *_: templates.propose_template(w, {}, reason=WHY, actor=a),
    ],
    Permission.code_book_propose: [
        lambda w, a, m, _: code_books.check_code_book(w, m, {}, actor=a),
        lambda w, a, m, _: code_books.propose_code_book(w, m, {}, reason=WHY, actor=a),
    ],
    Permission.scenario_propose: [
        lambda w, a, m, _: value.save_scenario(w, Question(m), "Stricter", 0.5, actor=a),
        lambda w, a, m, _: value.propose_scenario(w, scenario_of(w, m), actor=a, reason=WHY),
    ],
    Permission.rate_manage: [
        lambda w, a, *_: rates.import_rates(w, w.settings.home / "none.csv", actor=a),
    ],
    Permission.quarantine_download: [
        lambda w, a, m, _: views.quarantine_rows(w, m, actor=a),
    ],
    Permission.ingest_view: [lambda w, a, m, _: views.batches(w, m, actor=a)],
    Permission.ingest_run: [lambda w, a, m, _: references.ensure_reference(w, m, actor=a)],
    Permission.model_reproduce: [lambda w, a, m, _: reproduce.reproduce(w, m, actor=a)],
    Permission.report_plan: [
        lambda w, a, m, _: monthly.set_plan(w, actor=a, formats=(), models_of=[m]),
    ],
    Permission.report_create: [lambda w, a, m, _: reports.order_report(w, Question(m), actor=a)],
    Permission.account_manage: [lambda w, a, *_: accounts.own_language(w, actor=a)],
    Permission.user_view: [lambda w, a, *_: people.list_people(w, actor=a)],
    Permission.user_manage: [
        lambda w, a, *_: people.enable(w, NOBODY, actor=a),
        lambda w, a, *_: people.set_roles(w, NOBODY, [Role.admin], actor=a),
    ],
    Permission.session_manage: [
        lambda w, a, *_: sessions.end_everywhere(w, NOBODY, actor=a),
    ],
    Permission.assignment_manage: [
        lambda w, a, m, _: assignments.unassign(w, "nobody", m, "owner", actor=a),
    ],
    Permission.token_manage: [
        lambda w, a, m, _: tokens.make_token(w, "", models_allowed=[m], actor=a),
    ],
    Permission.access_explain: [
        lambda w, a, m, _: access_explain.explain(
            w, "nobody", Permission.model_view, actor=a, model=m
        ),
    ],
    Permission.approval_view: [
        lambda w, a, m, _: assignments.list_assignments(w, actor=a, model_id=m),
    ],
    Permission.model_suspend: [
        lambda w, a, m, _: model_state.suspend(w, m, reason="", actor=a),
    ],
    Permission.model_resume: [
        lambda w, a, m, _: model_state.propose_resume(w, m, reason="Mended", actor=a),
        lambda w, a, m, _: rollback.propose_forward(w, m, to="9", reason="Mended", actor=a),
    ],
    Permission.model_rollback: [
        lambda w, a, m, _: rollback.rollback(w, m, to="9", reason="Errors", actor=a),
    ],
    Permission.hook_manage: [
        lambda w, a, *_: hooks.remove_hook(w, "none", actor=a),
        lambda w, a, *_: hooks.try_hook(w, "none", actor=a),
    ],
    Permission.release_decide: [
        lambda w, a, m, p: releases.release(w, m, PLACES[p], reason=WHY, actor=a),
        lambda w, a, m, p: releases.stop(w, m, PLACES[p], reason=WHY, actor=a),
    ],
    Permission.review_view: [
        lambda w, a, m, _: cases.read_case(w, case_of(w, m), actor=a),
        lambda w, a, m, _: cases.case_steps(w, case_of(w, m), actor=a),
        lambda w, a, m, _: breaches.oversight(w, m, actor=a),
        lambda w, a, m, _: reviewed_by_version(w, m, actor=a),
        lambda w, a, m, _: simulate.rules_in_force(w, m, actor=a),
        lambda w, a, m, _: simulate.simulate(w, m, actor=a),
        lambda w, a, m, _: rules.review_rules(w, m, actor=a),
    ],
    Permission.review_work: [lambda w, a, m, _: claims.claim(w, case_of(w, m), actor=a)],
    Permission.review_check: [lambda w, a, m, _: claims.take_check(w, case_of(w, m), actor=a)],
    Permission.review_manage: [_withdrawn],
    Permission.oversight_view: [
        lambda w, a, m, _: oversight_quality(w, m, actor=a),
        lambda w, a, m, _: individual_figures(w, m, actor=a),
    ],
    Permission.review_export: [
        lambda w, a, m, _: override_export.export_verdicts(w, m, actor=a),
    ],
    Permission.rights_view: [
        lambda w, a, m, _: decisions_of_person(w, m, "somebody", actor=a),
        lambda w, a, m, _: desk.read_request(w, request_of(w, m), actor=a),
        lambda w, a, m, _: recipients(w, request_of(w, m), actor=a),
        lambda w, a, m, _: (
            m in {each.model_id for each in desk.list_requests(w, actor=a)}
            if request_of(w, m)
            else False
        ),
    ],
    Permission.rights_handle: [
        lambda w, a, m, _: intake.take_over(w, request_of(w, m), actor=a),
        lambda w, a, m, _: intake.intake(w, "access", "B-1", words="", model=m, actor=a),
    ],
    Permission.personal_reveal: [
        lambda w, a, m, p: personal.reveal(w, m, PLACES[p], ["sex"], reason=WHY, actor=a),
    ],
    Permission.personal_export: [_fetched],
    Permission.audit_view: [_audited],
    Permission.audit_export: [_exported],
    Permission.audit_checkpoint: [
        lambda w, a, *_: audit_checkpoints.make_due_checkpoint(w, actor=a),
    ],
    Permission.key_rotate: [lambda w, a, *_: audit_keys.rotate_key(w, actor=a, reason="")],
    Permission.erasure_request: [
        lambda w, a, m, _: erasure.propose_erasure(w, "B-1", basis="", actor=a, model=m),
        lambda w, a, m, _: disposal.propose_disposal(w, "none", actor=a, reason="", model=m),
    ],
    Permission.hold_manage: [
        lambda w, a, m, _: holds.place_hold(w, model=m, reason="", actor=a),
        lambda w, a, m, _: holds.place_hold(w, subject="B-1", model=m, reason="", actor=a),
    ],
    Permission.retention_view: [
        lambda w, a, m, _: m in {each.model_id for each in holds.list_holds(w, actor=a)},
    ],
    Permission.retention_manage: [
        lambda w, a, *_: retention.set_rule(
            w, "none", minimum_days=1, maximum_days=2, basis="", actor=a
        ),
    ],
    Permission.backup_make: [
        lambda w, a, *_: backup.make_backup(w, w.settings.home / "inside", actor=a),
    ],
    Permission.workspace_maintain: [lambda w, a, m, _: maintenance.compact(w, m, actor=a)],
}
# Every kind of step that takes two people is decided here, carried out nowhere.
KINDS = MappingProxyType(
    {name: replace(kind, execute=lambda *_: {}) for name, kind in approval_kinds.KINDS.items()}
)
