"""All that a reviewer says of a case: see the modules for the maker, the checker and the rest."""

from core.services.review.checking import agree, send_back
from core.services.review.proposing import MOST_EVIDENCE, Proposal, propose, record_own_view
from core.services.review.side_states import (
    ask_customer,
    customer_answered,
    escalate,
    take_back,
    withdraw,
)

__all__ = [
    "MOST_EVIDENCE",
    "Proposal",
    "agree",
    "ask_customer",
    "customer_answered",
    "escalate",
    "propose",
    "record_own_view",
    "send_back",
    "take_back",
    "withdraw",
]
