"""Words of the model screen."""

from app.screens.words import column_label
from core.i18n import N_, Translator
from core.services.model_story import EventKind, Story, StoryEvent

EVENTS: dict[EventKind, str] = {
    "version": N_("version {name}"),
    "unregistered": N_("version {name}, not registered"),
    "policy": N_("policy {name}"),
}
"""What is marked on a time axis, short."""

_SENTENCES: dict[EventKind, str] = {
    "first": N_("The log begins, with version {name}."),
    "version": N_("Version {name} takes over."),
    "unregistered": N_("Version {name} appears in the log; it is not registered."),
    "policy": N_("Policy {name} comes into force."),
    "contract": N_("The contract is registered anew, as revision {name}."),
    "input": N_("{name} moves beyond its act level, and stays there."),
    "serving": N_("Somebody, or a rule, lets version {name} serve."),
    "concept": N_("Outcomes depart from what the scores promised, from {name} on."),
}


def event_text(t: Translator, story: Story, event: StoryEvent) -> str:
    """Return what happened as a sentence."""
    if event.kind == "state":
        if event.name == "production":
            return t("The model is taken back into production.")
        return t("The model is suspended.")
    name = event.name
    if event.kind == "input":
        name = column_label(t, story.view.contract, event.name)
    elif event.kind == "concept":
        name = t.chunk(event.name)
    return t(_SENTENCES[event.kind], name=name)


def state_text(t: Translator, story: Story) -> str:
    """Return whether the model decides, in words."""
    state = story.state
    if not state.suspended:
        if state.serving_version is not None:
            return t("in production, version {version}", version=state.serving_version)
        return t("in production")
    if state.fallback_version is None:
        return t("suspended; nothing decides by itself")
    return t("suspended; version {version} decides", version=state.fallback_version)
