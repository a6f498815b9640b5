// The desk of human review: keys, the verdict's fields, and a draft that is kept as it is written.
// Every text comes from the server in the reader's language and is set as text, never as HTML.
// Nothing is decided here: the server checks all that is sent.
const QUIET = 600; // milliseconds without a key until what is written is sent
const LONGEST = 900; // and the most that it waits while keys keep coming
const BEAT = 60; // seconds between two signs of life
const OFF = "hl-review-keys-off";
let desk = null;

const make = (tag, set = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(set)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
};

const isTyping = (place) => {
  if (!(place instanceof HTMLElement)) return false;
  if (place.isContentEditable || place.tagName === "TEXTAREA" || place.tagName === "SELECT") return true;
  const button = ["radio", "checkbox", "button", "submit", "reset", "range"];
  return place.tagName === "INPUT" && !button.includes(place.type);
};

class Desk {
  constructor(component, root) {
    this.root = root;
    this.seen = 0; // milliseconds in which the page could be seen, until it was hidden last
    this.seenSince = document.hidden ? null : performance.now();
    this.active = Date.now();
    this.beaten = Date.now();
    this.panes = new Set();
    this.timer = 0;
    this.waitingSince = 0;
    this.adopt(component);
    this.build();
  }

  adopt(component) {
    this.send = component.setTriggerValue;
    this.keep = component.setStateValue;
    const before = this.data;
    this.data = component.data;
    this.words = component.data.words;
    const it = this.data.case;
    if (it && before?.case?.lease_stamp !== it.lease_stamp) {
      this.leaseEnds = it.lease_left === null ? null : Date.now() + 1000 * it.lease_left;
    }
    if (it && before?.case?.answer !== it.answer) this.busy = false;
  }

  // Time in another tab, or behind another window, is none that was given to the case.
  look() {
    if (document.hidden) {
      this.seen = this.seenFor;
      this.seenSince = null;
    } else this.seenSince ??= performance.now();
  }

  get seenFor() {
    return this.seen + (this.seenSince === null ? 0 : performance.now() - this.seenSince);
  }

  // At least one: 0 is what was not measured.
  get seconds() {
    return Math.max(1, Math.round(this.seenFor / 1000));
  }

  get identity() {
    const it = this.data.case;
    return it ? `${it.id}/${it.stage}` : "queue";
  }

  build() {
    const it = this.data.case;
    this.root.replaceChildren();
    this.help = this.overlay();
    if (it && it.stage !== "read") this.root.append(this.form(it));
    const keys = make("button", { type: "button", class: "hl-desk-keys", onclick: () => this.toggleHelp() });
    keys.append(make("kbd", {}, "?"), ` ${this.words.keys}`);
    this.root.append(keys, this.help);
    if (it && it.stage !== "read") this.restore(it.draft ?? {});
    this.number = it?.number ?? 0;
    this.sent = this.number;
    this.refresh();
  }

  form(it) {
    const words = this.words;
    const radios = (name, options, label) => {
      const group = make("fieldset", { class: `hl-desk-${name}` }, make("legend", {}, label));
      for (const option of options) {
        const id = `hl-desk-${name}-${option.code}`;
        const input = make("input", { type: "radio", name: `hl-desk-${name}`, id, value: option.code,
          onchange: () => this.changed() });
        const text = make("span", {}, option.label);
        if (option.meaning) text.append(make("small", {}, option.meaning));
        group.append(make("label", { for: id }, input, make("kbd", {}, option.key), text));
      }
      return group;
    };
    const area = (name, label, rows) => {
      const id = `hl-desk-${name}`;
      const field = make("textarea", { id, rows, maxlength: it.longest, oninput: () => this.changed() });
      this[name] = field;
      return make("div", { class: "hl-desk-field", "data-part": name },
        make("label", { for: id, id: `${id}-label` }, label), field);
    };
    this.verdicts = radios("verdict", it.verdicts, words.verdict);
    this.reasons = Object.fromEntries(Object.entries(it.reasons).map(([verdict, codes]) =>
      [verdict, radios(`reason-${verdict}`, codes, words.reason)]));
    this.final = make("select", { id: "hl-desk-final", onchange: () => this.changed() },
      ...it.decisions.map((each) => make("option", { value: each }, each)));
    this.day = make("input", { type: "date", id: "hl-desk-day", min: it.first_day, value: it.follow_up,
      onchange: () => this.changed() });
    this.hint = make("p", { class: "hl-desk-hint" }, words.hint);
    this.alert = make("p", { class: "hl-desk-alert", role: "alert" });
    this.state = make("p", { class: "hl-desk-state", role: "status", "aria-live": "polite" });
    this.lease = make("p", { class: "hl-desk-lease" });
    const press = (next) => () => this.submit(next);
    this.primary = make("button", { type: "button", class: "hl-desk-primary", onclick: press(true) });
    this.primaryWord = make("span");
    this.primary.append(this.primaryWord, " ", make("kbd", {}, "Ctrl+Enter"));
    this.second = make("button", { type: "button", onclick: press(false) }, words.submit_only);
    const back = make("button", { type: "button", onclick: () => this.act("give_back") }, words.give_back);
    return make("form", { class: "hl-desk-form", "aria-label": words.form, onsubmit: (e) => e.preventDefault() },
      this.alert,
      this.verdicts,
      make("div", { class: `hl-desk-body hl-desk-body-${it.stage}` },
        this.hint,
        make("div", { class: "hl-desk-field hl-desk-line", "data-part": "final" },
          make("label", { for: "hl-desk-final" }, words.final), this.final),
        make("div", { class: "hl-desk-field hl-desk-line", "data-part": "day" },
          make("label", { for: "hl-desk-day" }, words.follow_up), this.day),
        ...Object.values(this.reasons),
        area("text", words.text, 2),
        area("evidence", words.evidence, 2)),
      this.state,
      make("div", { class: "hl-desk-press" }, this.primary, it.stage === "own_view" ? null : this.second, back),
      this.lease);
  }

  overlay() {
    const words = this.words;
    const rows = this.data.keys.map(({ keys, does }) => make("div", {},
      make("dt", {}, ...keys.flatMap((key, place) => place ? [" ", make("kbd", {}, key)] : [make("kbd", {}, key)])),
      make("dd", {}, does)));
    const off = make("input", { type: "checkbox", id: "hl-desk-off", onchange: () => {
      localStorage.setItem(OFF, off.checked ? "" : "1");
    } });
    off.checked = !localStorage.getItem(OFF);
    const close = make("button", { type: "button", onclick: () => this.help.close() }, words.close, " ", make("kbd", {}, "Esc"));
    return make("dialog", { class: "hl-desk-help", "aria-label": words.keys },
      make("h2", {}, words.keys), make("dl", {}, ...rows),
      make("label", { for: "hl-desk-off" }, off, ` ${words.keys_on}`), close);
  }

  toggleHelp() {
    if (this.help.open) this.help.close();
    else this.help.showModal();
  }

  chosen(group) {
    return group?.querySelector("input:checked")?.value ?? "";
  }

  body() {
    const verdict = this.chosen(this.verdicts);
    return {
      verdict,
      reason_code: this.chosen(this.reasons[verdict]),
      final_decision: this.final.value,
      follow_up_on: this.day.value,
      text: this.text.value,
      evidence: this.evidence.value,
    };
  }

  restore(draft) {
    const check = (group, value) => {
      const input = [...(group?.querySelectorAll("input") ?? [])].find((each) => each.value === value);
      if (input) input.checked = true;
    };
    check(this.verdicts, draft.verdict);
    check(this.reasons[draft.verdict], draft.reason_code);
    if ([...this.final.options].some((each) => each.value === draft.final_decision)) {
      this.final.value = draft.final_decision;
    }
    if (draft.follow_up_on) this.day.value = draft.follow_up_on;
    this.text.value = draft.text ?? "";
    this.evidence.value = draft.evidence ?? "";
  }

  // What of the form goes with the verdict is shown; the rest keeps what was written.
  refresh() {
    const it = this.data.case;
    if (!it || it.stage === "read") return;
    const verdict = this.chosen(this.verdicts);
    const parts = it.parts[verdict] ?? [];
    for (const field of this.root.querySelectorAll("[data-part]")) field.hidden = !parts.includes(field.dataset.part);
    this.hint.hidden = Boolean(verdict);
    for (const [name, group] of Object.entries(this.reasons)) group.hidden = name !== verdict;
    this.root.querySelector("#hl-desk-text-label").textContent = this.words[`text_${verdict}`] ?? this.words.text;
    this.primaryWord.textContent = this.words[`press_${verdict}`] ?? this.words.press;
    this.primary.disabled = Boolean(this.busy);
    this.second.disabled = Boolean(this.busy);
    this.alert.textContent = this.complaint ?? it.error ?? "";
    this.tell();
  }

  tell() {
    const it = this.data.case;
    if (!it || it.stage === "read") return;
    const kept = it.saved_number >= this.number && it.saved_at;
    const text = it.save_error || (this.number > it.saved_number ? this.words.saving
      : kept ? this.words.saved.replace("{time}", it.saved_at) : this.words.not_begun);
    if (this.state.textContent !== text) this.state.textContent = text;
    if (this.leaseEnds === null || this.leaseEnds === undefined) {
      this.lease.textContent = "";
      return;
    }
    const left = Math.max(0, Math.round((this.leaseEnds - Date.now()) / 1000));
    const minutes = Math.floor(left / 60), seconds = String(left % 60).padStart(2, "0");
    this.lease.classList.toggle("hl-desk-late", left < 180);
    this.lease.textContent = left
      ? this.words.lease.replace("{time}", `${minutes}:${seconds}`) : this.words.lease_over;
  }

  changed() {
    this.complaint = null;
    this.number += 1;
    this.refresh();
    const now = Date.now();
    this.waitingSince ||= now;
    clearTimeout(this.timer);
    const wait = Math.min(QUIET, Math.max(0, this.waitingSince + LONGEST - now));
    this.timer = setTimeout(() => this.flush(), wait);
  }

  flush() {
    clearTimeout(this.timer);
    this.waitingSince = 0;
    if (!this.data.case || this.busy || this.sent >= this.number) return;
    this.sent = this.number;
    this.keep("draft", { case: this.data.case.id, number: this.number, body: this.body() });
  }

  act(kind, more = {}) {
    if (this.busy) return;
    clearTimeout(this.timer);
    const it = this.data.case;
    if (it && kind !== "beat") this.busy = true;
    this.send("act", {
      kind, at: Date.now(), ...(it ? { case: it.id, revision: it.revision, number: this.number } : {}), ...more,
    });
    this.refresh();
  }

  submit(next) {
    const it = this.data.case, body = this.body(), words = this.words;
    const missing = !body.verdict ? [words.need_verdict, this.verdicts]
      : this.reasons[body.verdict] && !body.reason_code ? [words.need_reason, this.reasons[body.verdict]]
      : it.parts[body.verdict].includes("evidence") && it.needs_evidence && !body.evidence.trim()
        ? [words.need_evidence, this.evidence]
      : it.needs_text.includes(body.verdict) && !body.text.trim() ? [words.need_text, this.text] : null;
    if (missing) {
      this.complaint = missing[0];
      this.refresh();
      (missing[1].querySelector?.("input") ?? missing[1]).focus();
      return;
    }
    this.act("submit", { next, body, seconds: this.seconds, panes: [...this.panes] });
  }

  key(event) {
    this.active = Date.now();
    const it = this.data.case, working = it && it.stage !== "read";
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && working) {
      event.preventDefault();
      this.submit(true);
      return;
    }
    if (event.key === "Escape") {
      if (!this.help.open && isTyping(event.target)) event.target.blur();
      return;
    }
    const dialog = document.querySelector("[role=dialog], dialog[open]");
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.key === "?") {
      event.preventDefault();
      this.toggleHelp();
      return;
    }
    if (dialog || localStorage.getItem(OFF) || event.repeat) return;
    const key = event.key.toLowerCase();
    if (key === "j" || key === "k") this.step(key === "j" ? 1 : -1);
    else if (key === "n" && this.data.next) this.act("next");
    else if (key === "f" && it) this.goToFiles();
    else if (working && /^[1-9]$/.test(key)) this.pick(this.reasons[this.chosen(this.verdicts)], Number(key) - 1);
    else if (working) {
      const place = it.verdicts.findIndex((each) => each.key.toLowerCase() === key);
      if (place < 0) return;
      this.pick(this.verdicts, place);
    } else return;
    event.preventDefault();
  }

  pick(group, place) {
    const input = group?.querySelectorAll("input")[place];
    if (!input) return;
    input.checked = true;
    input.focus();
    this.changed();
  }

  // J and K go through the rows of the queue, or the parts of a case.
  step(by) {
    const stops = [...document.querySelectorAll("[data-hl-stop]")].filter((each) => each.offsetParent !== null);
    if (!stops.length) return;
    const here = stops.indexOf(document.activeElement);
    const there = stops[here < 0 ? (by > 0 ? 0 : stops.length - 1) : Math.min(stops.length - 1, Math.max(0, here + by))];
    there.focus();
    there.scrollIntoView({ block: "nearest" });
  }

  // The files of a case lie beneath it: press the button that takes one from the computer. While the
  // section opens the button may be drawn anew, so it is pressed once it has kept the focus.
  goToFiles() {
    const place = document.querySelector(".st-key-hl_case_together details");
    if (!place) return;
    if (!place.open) place.querySelector("summary").click();
    const stand = (tries, held) => {
      const button = place.querySelector("[data-testid=stFileUploader] button");
      if (held > 4) button.click();
      if (!tries || held > 4) return;
      const stands = button && document.activeElement === button;
      if (button?.offsetParent && !stands) {
        button.focus({ preventScroll: true });
        button.scrollIntoView({ block: "center" });
      }
      setTimeout(() => stand(tries - 1, stands ? held + 1 : 0), 50);
    };
    stand(40, 0);
  }

  tick() {
    this.tell();
    const it = this.data.case;
    if (!it || it.lease_left === null || document.hidden || this.busy) return;
    const now = Date.now();
    if (now - this.beaten > 1000 * BEAT && this.active > this.beaten) {
      this.beaten = now;
      this.act("beat");
    }
  }
}

document.addEventListener("keydown", (event) => desk?.key(event));
document.addEventListener("pointerdown", () => { if (desk) desk.active = Date.now(); });
document.addEventListener("visibilitychange", () => {
  desk?.look();
  if (document.hidden) desk?.flush();
});
window.addEventListener("pagehide", () => desk?.flush());
document.addEventListener("toggle", (event) => {
  const pane = event.target.dataset?.hlPane;
  if (desk && pane && event.target.open) desk.panes.add(pane);
}, true);
document.addEventListener("click", (event) => {
  const row = event.target.closest?.("[data-hl-case]");
  if (desk && row) desk.act("open", { case: Number(row.dataset.hlCase) });
});
setInterval(() => desk?.tick(), 1000);

// The server names a link that the browser is to follow: to the case that was just claimed.
let followed = "";
const follow = (go) => {
  if (!go || go === followed) return;
  followed = go;
  const press = (tries) => {
    const link = document.querySelector(".st-key-hl_case_link a");
    if (link) link.click();
    else if (tries) setTimeout(() => press(tries - 1), 50);
  };
  press(60);
};

export default function (component) {
  const { parentElement } = component;
  let root = parentElement.querySelector(".hl-desk");
  if (!root) {
    root = make("div", { class: "hl-desk" });
    parentElement.append(root);
  }
  const identity = component.data.case ? `${component.data.case.id}/${component.data.case.stage}` : "queue";
  if (desk && desk.root === root && desk.identity === identity) {
    desk.adopt(component);
    desk.refresh();
  } else {
    desk?.flush();
    desk = new Desk(component, root);
  }
  follow(component.data.go);
  const mine = desk;
  return () => {
    mine.flush();
    if (desk === mine) desk = null;
  };
}
