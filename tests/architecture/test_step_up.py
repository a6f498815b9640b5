"""What asks in a browser who somebody is once more: the whole list, written by hand.

What changes who may do what, hands personal data out, or uses a key of the workspace is on it, and
so is what takes away a safeguard: a hold, a minimum, a place that checkpoints are taken to. What
only stops something (a model, a prediction) must not wait for a password, and is not.
"""

import ast
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import pytest

from core.domain.identity import Actor, Role
from core.services import access
from tests.architecture.sources import ROOT, tree_of
from tests.architecture.use_cases import USE_CASES, Untouchable, arguments_of

# Before anything else, whoever asks and whatever about.
AT_ONCE = {
    "identity.account_changes.propose_identity",
    "identity.account_changes.propose_password",
    "identity.account_changes.propose_second_factor",
    "identity.accounts.begin_second_factor",
    "identity.accounts.make_recovery_codes",
    "identity.accounts.remove_second_factor",
    "alerts.channels.add_channel",
    "alerts.channels.remove_channel",
    "registry.assignments.assign",
    "registry.assignments.unassign",
    "audit.anchors.set_anchor_path",
    "audit.checkpoints.make_checkpoint",
    "audit.checkpoints.set_schedule",
    "audit.export.write_export",
    "audit.keys.rotate_key",
    "audit.mail.set_mail",
    "audit.timestamp.set_authority",
    "audit.webhook.set_webhook",
    "backup.taking.make_backup",
    "checks.schedule.set_check_hours",
    "explanation.bulk_folder.letters_to_folder",
    "explanation.letters.make_letter",
    "explanation.releasing.release_letter",
    "retention.holds.lift_hold",
    "hooks.manage.add_hook",
    "hooks.manage.remove_hook",
    "hooks.manage.switch_hook",
    "hooks.manage.try_hook",
    "identity.people.disable",
    "identity.people.enable",
    "identity.people.reset_password",
    "identity.people.reset_second_factor",
    "identity.people.set_identity",
    "identity.people.set_roles",
    "identity.people.set_scope",
    "identity.people.unlock",
    "identity.people.unlock_source",
    "personal.masking.reveal",
    "personal.refused_rows.reveal_refused",
    "serving.releases.release",
    "retention.rules.set_rule",
    "review.files.read_file",
    "review.files.require_reader",
    "identity.sessions.end_everywhere",
    "identity.sign_in_settings.change_settings",
    "serving.tokens.make_token",
    "serving.tokens.revoke_token",
    "identity.users.add_user",
}
# Once it is known what it is about.
LATER = {
    "alerts.rules.set_rule",  # if the rule is to do something to the model by itself
    "approvals.four_eyes.approve",  # nobody is asked about what they may not decide
    "approvals.four_eyes.reject",
    "examiner.packs.make_pack",  # if it holds personal data in clear
    "examiner.packs.order_pack",  # the same
    "explanation.bulk.order_bulk",  # if letters are wanted
    "explanation.dossier.make_dossier",  # if it holds personal data in clear
    "rights.copies.make_copy",  # it holds personal data in clear
    "rights.private.reveal_reference",  # after two permissions
    "exports.publish",  # if it holds personal data in clear
    "review.override_export.export_verdicts",  # if it holds personal columns
    "identity.sessions.revoke",  # if the session is somebody else's
}


def asks_somewhere(path: Path) -> frozenset[str]:
    """Return the functions of a module that ask, themselves or through private ones beside them."""
    functions = {
        node.name: node for node in tree_of(path).body if isinstance(node, ast.FunctionDef)
    }
    called = {
        name: {ast.unparse(call.func) for call in ast.walk(node) if isinstance(call, ast.Call)}
        for name, node in functions.items()
    }
    asking = {name for name, calls in called.items() if "access.require_recent" in calls}
    while more := {
        name
        for name, calls in called.items()
        if name not in asking and calls & {each for each in asking if each.startswith("_")}
    }:
        asking |= more
    return frozenset(asking)


def test_the_list_of_what_asks_is_whole() -> None:
    found = set()
    for name in USE_CASES:
        module, _, function = name.rpartition(".")
        path = ROOT.joinpath(*module.split(".")).with_suffix(".py")
        if function in asks_somewhere(path):
            found.add(name.removeprefix("core.services."))
    assert found == AT_ONCE | LATER


class AskedAgain(Exception):
    """The function asked who somebody is."""


@pytest.mark.parametrize("name", sorted(AT_ONCE))
def test_it_asks_before_anything_happens(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(_workspace: Any, _actor: Actor) -> NoReturn:
        raise AskedAgain

    monkeypatch.setattr(access, "require", lambda *_given, **_named: None)
    monkeypatch.setattr(access, "require_recent", ask)
    module, _, attribute = f"core.services.{name}".rpartition(".")
    function = getattr(import_module(module), attribute)
    given = arguments_of(function)
    if "reason" in given:
        given["reason"] = "A reason that is long enough"
    with pytest.raises(AskedAgain):
        function(Untouchable(), **given, actor=Actor("u-probe", "probe", frozenset(Role)))
