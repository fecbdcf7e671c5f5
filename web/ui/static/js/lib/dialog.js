// Dialogs and short messages.
import { h, fill } from "./dom.js";
import { icon } from "./icons.js";

// ask opens a dialog with fields and resolves to their values, or null when it
// is left. fields: [{name, label, type: "text"|"textarea"|"select"|"password",
// options, value, required, hint}]. submit(values) may throw: its message is
// shown and the dialog stays.
export function ask({ title, intro, fields = [], action, danger, submit }) {
  return new Promise((resolve) => {
    let result = null;
    const error = h("p.dialog-error", { role: "alert", hidden: true });
    const inputs = fields.map(field);
    const go = h("button.button.primary", { type: "submit" }, action);
    if (danger) go.classList.add("danger");
    const form = h("form.dialog-form", { method: "dialog", novalidate: true },
      h("h2", { id: "dialog-title" }, title),
      intro && h("p.dialog-intro", null, intro),
      inputs.map((f) => f.el),
      error,
      h("div.dialog-buttons", null,
        h("button.button", { type: "button", onclick: () => dialog.close() }, "Cancel"), go));
    const dialog = h("dialog.dialog", { "aria-labelledby": "dialog-title" }, form);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const values = Object.fromEntries(inputs.map((f) => [f.name, f.input.value.trim()]));
      const missing = inputs.find((f) => f.required && !values[f.name]);
      if (missing) {
        complain(error, `${missing.label} is needed.`);
        missing.input.focus();
        return;
      }
      go.disabled = true;
      try {
        result = submit ? await submit(values) ?? values : values;
        dialog.close();
      } catch (err) {
        complain(error, err.message);
      }
      go.disabled = false;
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(result);
    });
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    document.body.append(dialog);
    dialog.showModal();
    (inputs[0]?.input || go).focus();
  });
}

function complain(el, text) {
  el.hidden = false;
  fill(el, icon("warn"), " ", text);
}

let serial = 0;

function field(spec) {
  const id = "field-" + ++serial;
  const props = { id, name: spec.name, required: spec.required, autocomplete: "off", spellcheck: "false" };
  let input;
  if (spec.type === "textarea") input = h("textarea", { ...props, rows: 4 });
  else if (spec.type === "select") input = h("select", props, spec.options.map((o) => h("option", { value: o.value }, o.label)));
  else input = h("input", { ...props, type: spec.type || "text" });
  if (spec.value !== undefined) input.value = spec.value;
  const hint = spec.hint && h("p.hint", { id: id + "-hint" }, spec.hint);
  if (hint) input.setAttribute("aria-describedby", id + "-hint");
  return { ...spec, input, el: h("div.field", null, h("label", { for: id }, spec.label), input, hint) };
}

// say shows a short message that goes away, and reads it to screen readers.
export function say(text, kind = "good") {
  const note = h("div.note", { class: kind }, icon(kind === "good" ? "check" : "warn"), h("span", null, text));
  region().append(note);
  setTimeout(() => note.remove(), 6000);
}

function region() {
  let el = document.getElementById("notes");
  if (!el) {
    el = h("div.notes", { id: "notes", role: "status", "aria-live": "polite" });
    document.body.append(el);
  }
  return el;
}
