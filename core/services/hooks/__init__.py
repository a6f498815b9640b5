"""Hooks: programs and addresses that rules of alerts may call; off until somebody sets one up."""

from core.services.hooks.log import list_calls
from core.services.hooks.manage import (
    HookState,
    NewHook,
    add_hook,
    hook_names,
    list_hooks,
    remove_hook,
    switch_hook,
    try_hook,
)

__all__ = [
    "HookState",
    "NewHook",
    "add_hook",
    "hook_names",
    "list_calls",
    "list_hooks",
    "remove_hook",
    "switch_hook",
    "try_hook",
]
