"""What somebody can change who holds the role of an examiner alone: read from the code.

Every command of the services that asks for a permission of that role, or for none by name, is
followed through the services that it calls; whichever can begin a transaction stands below, with
what it writes. A command that is new to the role, or begins to write, fails here until somebody
says why an examiner may do so.
"""

import ast
from functools import cache

from core.auth.policy import POLICY
from core.domain.identity import Role
from docs.permissions import command_permissions
from tests.architecture.sources import ROOT, python_files, tree_of

OWN_ACCOUNT = {
    "identity.accounts.begin_second_factor", "identity.accounts.change_password",
    "identity.accounts.choose_language",
    "identity.accounts.confirm_second_factor", "identity.accounts.make_recovery_codes",
    "identity.accounts.remove_second_factor", "alerts.views.mark_seen", "review.watching.unwatch",
    "review.watching.watch", "saved_views.remove_view", "saved_views.save_view",
    "identity.sessions.revoke", "identity.step_up.step_up",
}  # fmt: skip
OWN_WORK = {
    "examiner.drawing.draw_sample", "examiner.packs.make_pack", "examiner.packs.order_pack",
    "examiner.packs.stop_pack", "explanation.dossier.make_dossier",
    "explanation.dossier_export.export_dossier",
}  # fmt: skip
TAKEN_AWAY = {
    "audit.export.write_export", "audit.export_jobs.hand_over", "audit.export_jobs.order_export",
    "examiner.packs.hand_over", "examiner.register.export_register", "exports.fetch",
    "exports.publish", "explanation.worklist_file.publish_worklist", "jobs.ordering.order",
    "model_card.files.card_file",
    "monthly.files.monthly_report", "monthly.schedule.hand_over", "portfolio.files.portfolio_file",
    "review.files.read_file", "rights.refusals.export_log_book",
}  # fmt: skip
# They leave nothing but an entry of the trail that says who looked, or an order to check it.
NOTED = {
    "audit.verify.order_verification", "examiner.views.note_view",
    "explanation.asking.explain_decision", "explanation.finding.find_explanation",
    "explanation.finding_decisions.decisions_of_person",
    "explanation.finding_decisions.find_decisions", "explanation.looking.look_at",
    "kpis.drill.decisions_behind", "personal.masking.reveal",
    "personal.refused_rows.reveal_refused",
    "review.case_view.case_view", "rights.disputes.notes_shown", "routing.breaches.oversight",
    "routing.breaches.oversight_of_all",
}  # fmt: skip
SIGNED = {
    "audit.anchors.anchor", "audit.checkpoints.make_checkpoint",
    "audit.checkpoints.make_due_checkpoint",
}  # fmt: skip
# They ask again, for what the role does not hold: the kind of the approval, or ``user.manage``.
ASKED_AGAIN = {
    "approvals.four_eyes.approve", "approvals.four_eyes.obstacle",
    "approvals.four_eyes.propose", "approvals.four_eyes.reject",
    "approvals.four_eyes.withdraw", "demo.build.build_demo", "identity.sessions.end_everywhere",
}  # fmt: skip
ALLOWED = OWN_ACCOUNT | OWN_WORK | TAKEN_AWAY | NOTED | SIGNED | ASKED_AGAIN
_SERVICES = "core.services"
Place = tuple[str, ast.FunctionDef | ast.ClassDef]


@cache
def _modules() -> dict[str, ast.Module]:
    found = {}
    for path in python_files("core/services"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts).removesuffix(".__init__")] = tree_of(path)
    return found


@cache
def _names(module: str) -> dict[str, str]:
    """Return what the names of a module stand for, as far as it is of the services."""
    tree = _modules()[module]
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_SERVICES):
            found |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    own = [each for each in tree.body if isinstance(each, ast.FunctionDef | ast.ClassDef)]
    return {**found, **{each.name: f"{module}.{each.name}" for each in own}}


@cache
def _places() -> dict[str, Place]:
    return {
        f"{module}.{node.name}": (module, node)
        for module, tree in _modules().items()
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }


def _meant(name: str) -> str:
    """Return where a name is defined that packages hand on."""
    for _ in range(4):
        module, _, last = name.rpartition(".")
        if name in _places() or module not in _modules():
            break
        name = _names(module).get(last, name)
    return name


def _used(name: str) -> set[str]:
    module, place = _places()[name]
    known, found = _names(module), set()
    for node in ast.walk(place):
        if isinstance(node, ast.Name) and node.id in known:
            found.add(_meant(known[node.id]))
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
            continue
        if node.value.id in known:
            found.add(_meant(f"{known[node.value.id]}.{node.attr}"))
    return found


def writes(name: str) -> bool:
    """Whether a function, or a service that it names, can begin a transaction."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        each = waiting.pop()
        if each in seen or each not in _places():
            continue
        seen.add(each)
        if any(
            isinstance(n, ast.Attribute) and n.attr == "begin" for n in ast.walk(_places()[each][1])
        ):
            return True
        waiting += _used(each)
    return False


def test_an_examiner_changes_only_what_is_named_here() -> None:
    held = {permission.name for permission in POLICY[Role.auditor]}
    writing = {
        name
        for name, asked in command_permissions().items()
        if (not asked or held & set(asked)) and writes(f"{_SERVICES}.{name}")
    }
    assert writing == ALLOWED, (sorted(writing - ALLOWED), sorted(ALLOWED - writing))


def test_what_writes_is_found_through_what_it_calls() -> None:
    assert writes("core.services.serving.state.suspend")  # itself
    assert writes("core.services.explanation.looking.look_at")  # by another module's function
    assert not writes("core.services.audit.trail.entries")
    assert not writes("core.services.examiner.register.read_register")
