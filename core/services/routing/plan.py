"""What the predictions of a model are held against when they are routed."""

from sqlalchemy import Connection

from core.auth.keys import WorkspaceKeys
from core.contract import ModelContract, ReviewRule
from core.contract.review import Tier
from core.lake.routing.names import Surroundings
from core.lake.routing.plan import RoutingPlan
from core.lake.upkeep.keyed_hash import KeyedHash
from core.metrics.binning import BinSet
from core.services.workspace import Workspace
from core.store import references, routing
from core.store.alerts.alarms import DRIFT_KINDS
from core.store.rights import opt_outs

_KEY, _SUBJECT = "review.routing", "subject"
_QUALITY_KINDS = frozenset({"quality"})


def routing_plan(workspace: Workspace, conn: Connection, contract: ModelContract) -> RoutingPlan:
    """Return what the predictions of a model are held against now.

    Parameters
    ----------
    workspace, conn : Workspace, Connection
        Where; any transaction.
    contract : ModelContract
        Whose rules hold: the one in force, or one that is tried out.
    """
    live = references.live(conn, contract.id)
    around = Surroundings(
        BinSet.from_json(live.bins_json) if live else None,
        quality=routing.alert_spans(conn, contract.id, _QUALITY_KINDS),
        drift=routing.alert_spans(conn, contract.id, DRIFT_KINDS),
        opted_out=frozenset(
            each.subject_id
            for each in opt_outs.list_register(conn, models=[contract.id])
            if each.ended_at is None
        ),
    )
    keys = workspace.keys
    return RoutingPlan(contract, around, KeyedHash(keys.derive(_KEY)), subject_hash(keys))


def subject_hash(keys: WorkspaceKeys) -> KeyedHash:
    """Return what makes a customer's pseudonym inside a query, as ``Keys.subject_id`` does."""
    return KeyedHash(keys.derive(_SUBJECT))


def leading_rule(contract: ModelContract, rule_ids: tuple[str, ...]) -> ReviewRule:
    """Return the rule that leads a case: the highest priority, the first of equals.

    It names priority, language and skill; the tier is that of :func:`tier_of`.

    Raises
    ------
    KeyError
        If none of them is the contract's.
    """
    # Of equals max keeps the first.
    return max(_held(contract, rule_ids), key=lambda rule: rule.priority)


def tier_of(contract: ModelContract, rule_ids: tuple[str, ...]) -> Tier:
    """Return the highest tier of the rules that a prediction matches, whichever of them leads.

    Raises
    ------
    KeyError
        If none of them is the contract's.
    """
    held = _held(contract, rule_ids)
    return "high" if any(rule.tier == "high" for rule in held) else "normal"


def _held(contract: ModelContract, rule_ids: tuple[str, ...]) -> list[ReviewRule]:
    rules = contract.review.rules if contract.review else ()
    held = [rule for rule in rules if rule.id in rule_ids]
    if not held:
        raise KeyError(rule_ids)
    return held
