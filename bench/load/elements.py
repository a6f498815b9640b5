"""What a browser knows of the page it shows: the widgets by key, their options, and the pages."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from streamlit.components.v2.bidi_component.constants import EVENT_DELIM
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.state.session_state import STREAMLIT_INTERNAL_KEY_PREFIX

# Words in the texts of a page that a reader would take for a failure, and the sign-in form.
_WRONG = ("hl-state hl-wrong", "hl-state hl-wait")


@dataclass(frozen=True, slots=True)
class Choice:
    """A control with options: radio buttons, a list to choose from or a row of segments."""

    widget: str
    options: tuple[str, ...]
    is_segments: bool


@dataclass(frozen=True, slots=True)
class Carrier:
    """A hidden input that carries one parameter of the address."""

    widget: str
    name: str
    value: str
    is_set: bool


@dataclass(frozen=True, slots=True)
class Button:
    """A button, which a click sends once."""

    widget: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a page of the app; the menu links to what the reader may open."""

    page: str


@dataclass(frozen=True, slots=True)
class Desk:
    """The widget of human review with what it shows."""

    widget: str
    data: Mapping[str, Any]


@dataclass
class Screen:
    """The page as one run of the script sent it, kept from run to run as a browser does."""

    choices: dict[str, Choice] = field(default_factory=dict)
    buttons: dict[str, Button] = field(default_factory=dict)
    desk: Desk | None = None
    fragments: dict[str, str] = field(default_factory=dict)
    pressed: list[WidgetState] = field(default_factory=list)
    carriers: dict[str, Carrier] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    chosen: dict[str, tuple[Choice, str]] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    linked: set[str] = field(default_factory=set)
    page: str = ""
    wrong: str = ""

    def begin(self) -> None:
        """Forget what the run before sent; what was entered stays."""
        self.choices, self.wrong = {}, ""
        self.buttons, self.desk = {}, None

    def end(self) -> None:
        """Forget what was entered into widgets that are gone."""
        self.chosen = {key: value for key, value in self.chosen.items() if key in self.choices}

    def take(self, facts: "Facts") -> None:
        """Add what one element tells."""
        if isinstance(facts, str):
            self.wrong = facts
        elif isinstance(facts, Choice):
            self.choices[key_of(facts.widget)] = facts
        elif isinstance(facts, Button):
            self.buttons[key_of(facts.widget)] = facts
        elif isinstance(facts, Desk):
            self.desk = facts
        elif isinstance(facts, Link):
            self.linked.add(facts.page)
        elif isinstance(facts, Carrier):
            self.carriers[facts.name] = facts
            if facts.is_set or facts.name not in self.parameters:
                self.parameters[facts.name] = facts.value

    @property
    def place(self) -> str:
        """Address of the page that is open."""
        return self.pages.get(self.page, "")

    def open_pages(self) -> list[str]:
        """Return the pages that the menu leads to, in the order of their addresses."""
        found = (page for page in self.linked if self.pages.get(page))
        return sorted(found, key=lambda page: self.pages[page])

    def others(self, key: str) -> Sequence[str]:
        """Return the options of a control but for the one chosen here last."""
        control = self.choices[key]
        _, last = self.chosen.get(key, (control, ""))
        return [option for option in control.options if option != last]

    def choose(self, key: str, option: str) -> None:
        """Choose an option, as a click does."""
        self.chosen[key] = (self.choices[key], option)

    def press(self, key: str) -> None:
        """Press a button with the next rerun."""
        self.pressed.append(WidgetState(id=self.buttons[key].widget, trigger_value=True))

    def act(self, what: Mapping[str, Any]) -> None:
        """Let the widget of human review send one event with the next rerun."""
        if self.desk is None:
            raise KeyError("the widget of human review is not there")
        sent = json.dumps([{"event": "act", "value": dict(what)}])
        name = f"{STREAMLIT_INTERNAL_KEY_PREFIX}_{self.desk.widget}{EVENT_DELIM}events"
        self.pressed.append(WidgetState(id=name, json_trigger_value=sent))

    def widget_states(self) -> WidgetStates:
        """Return the values of all widgets, as a browser sends them with every rerun.

        What was pressed is sent once.
        """
        pressed, self.pressed = self.pressed, []
        states = [
            *pressed,
            *(
                WidgetState(id=carrier.widget, string_value=self.parameters[carrier.name])
                for carrier in self.carriers.values()
            ),
        ]
        for control, option in self.chosen.values():
            state = WidgetState(id=control.widget)
            if control.is_segments:
                state.string_array_value.data.append(option)
            else:
                state.string_value = option
            states.append(state)
        return WidgetStates(widgets=states)


Facts = Choice | Carrier | Button | Desk | Link | str | None


def facts_of(element: Any) -> Facts:
    """Return what of an element matters here; a text says that the page shows a failure."""
    kind = element.WhichOneof("type")
    if kind == "exception":
        return f"exception: {element.exception.type}"
    if kind == "html":
        body = element.html.body
        return body[:200] if any(word in body for word in _WRONG) else None
    if kind == "radio":
        return Choice(element.radio.id, tuple(element.radio.options), is_segments=False)
    if kind == "selectbox":
        return Choice(element.selectbox.id, tuple(element.selectbox.options), is_segments=False)
    if kind == "button_group":
        options = tuple(option.content for option in element.button_group.options)
        return Choice(element.button_group.id, options, is_segments=True)
    if kind == "button":
        return Button(element.button.id)
    if kind == "page_link":
        return None if element.page_link.external else Link(element.page_link.page_script_hash)
    if kind == "bidi_component":
        return Desk(element.bidi_component.id, json.loads(element.bidi_component.json or "{}"))
    if kind == "text_input":
        return _carrier(element.text_input)
    return None


def _carrier(found: Any) -> Carrier | str | None:
    if found.query_param_key:
        value = found.value if found.set_value else found.default
        return Carrier(found.id, found.query_param_key, value, found.set_value)
    # The only visible text inputs of a form that asks for a password are those of the sign-in.
    return "signed out" if "hl_sign_in" in found.form_id else None


def key_of(widget: str) -> str:
    """Return the key that the app gave a widget; it is the last part of its id."""
    return widget.split("-", 2)[-1]
