"""Saved views: a page with its filters under a name of one's own."""

from collections.abc import Mapping

from core.domain.identity import Actor, Permission
from core.errors import Conflict, InvalidInput, NotFound
from core.i18n import N_
from core.services import access
from core.services.workspace import Workspace
from core.store import saved_views
from core.store.saved_views import SavedView

MOST_VIEWS, LONGEST_NAME = 100, 60


def save_view(
    workspace: Workspace, *, actor: Actor, page: str, name: str, parameters: Mapping[str, str]
) -> SavedView:
    """Keep the filters of a page; a view of the same page and name is replaced.

    What the view may show is decided again each time it is opened, by the services behind it.

    Raises
    ------
    InvalidInput
        If the name is empty or too long.
    Conflict
        If the person has saved a hundred views already.
    """
    access.require(actor, Permission.account_manage)
    named = " ".join(name.split())
    if not 0 < len(named) <= LONGEST_NAME:
        raise InvalidInput(
            N_("A view needs a name of at most {most} characters."),
            remedy=N_("Give it a short name."),
            most=LONGEST_NAME,
        )
    view = SavedView(
        workspace.new_id(), actor.user_id, page, named, dict(parameters), workspace.clock()
    )
    with workspace.store.begin() as conn:
        if saved_views.count(conn, actor.user_id) >= MOST_VIEWS:
            raise Conflict(
                N_("You have saved {most} views already."),
                remedy=N_("Remove one that you no longer need."),
                most=MOST_VIEWS,
            )
        saved_views.put(conn, view)
    return view


def list_views(workspace: Workspace, *, actor: Actor) -> tuple[SavedView, ...]:
    """Return the actor's own views by page and name."""
    access.require(actor, Permission.account_manage)
    with workspace.store.read() as conn:
        return saved_views.list_of(conn, actor.user_id)


def remove_view(workspace: Workspace, view_id: str, *, actor: Actor) -> None:
    """Remove one of the actor's own views.

    Raises
    ------
    NotFound
        If the actor has no such view.
    """
    access.require(actor, Permission.account_manage)
    with workspace.store.begin() as conn:
        if not saved_views.remove(conn, actor.user_id, view_id):
            raise NotFound(
                N_("There is no such view of yours."), remedy=N_("Look it up in the list.")
            )
