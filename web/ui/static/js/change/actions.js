// What a signed-in viewer may do with a change.
import { h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { ask, say } from "../lib/dialog.js";
import { get, post, tenantPath } from "../lib/api.js";
import { signedIn } from "../lib/session.js";
import { askEnqueue } from "../status/actions.js";
import { signIn } from "../login.js";
import { changeAPI } from "./facts.js";

const labels = ["Code-Review", "Verified", "Workflow"];
const values = [["2", "+2"], ["1", "+1"], ["0", "0, take my vote back"], ["-1", "−1"], ["-2", "−2, veto"]];
const message = { name: "message", label: "Message", type: "textarea" };

// actions makes the buttons; done() is called after each that succeeded.
export function actions(ctx, change, admin, done) {
  const el = h("div.actions");
  if (!signedIn()) {
    if (change) el.append(h("button.button.sign-in", { onclick: signIn }, icon("key"), "Sign in to review"));
    return el;
  }
  const send = (what, said) => async (body) => {
    await post(changeAPI(change.connection, change.number, "/" + what), body);
    say(said);
    done();
  };
  if (change?.status === "open") {
    el.append(
      button("check", "Approve", () => approve(change, send), "primary"),
      button("up", "Vote", () => ask({
        title: "Vote", action: "Vote",
        fields: [
          { name: "label", label: "Label", type: "select", options: labels.map((l) => ({ value: l, label: l })) },
          { name: "value", label: "Value", type: "select", options: values.map(([value, label]) => ({ value, label })) },
          message],
        submit: (v) => send("vote", "Voted")({ ...v, value: Number(v.value) }),
      })),
      button("file", "Comment", () => ask({
        title: "Comment", action: "Send", fields: [{ ...message, required: true }],
        intro: "Pipelines may read comments too: “recheck” usually tests the change again.",
        submit: send("comment", "Comment sent"),
      })),
      button("cross", "Abandon", () => ask({
        title: "Abandon this change?", action: "Abandon", danger: true, fields: [message],
        intro: "It leaves all pipelines. It can be restored later.",
        submit: send("abandon", "Abandoned"),
      })));
  } else if (change?.status === "abandoned") {
    el.append(button("retry", "Restore", () => ask({
      title: "Restore this change?", action: "Restore", fields: [message], submit: send("restore", "Restored"),
    })));
  }
  if (admin && change?.status !== "merged") el.append(button("gate", "Enqueue", () => enqueue(ctx, change)));
  return el;
}

function button(iconName, text, act, kind) {
  const onclick = () => Promise.resolve(act()).catch((err) => err.name !== "AbortError" && say(err.message, "bad"));
  return h("button.button", { type: "button", onclick, class: kind }, icon(iconName), text);
}

function approve(change, send) {
  return ask({
    title: `Approve ${change.number},${change.patchset}?`,
    intro: "You say that this patchset is right: Code-Review +2 and Workflow +1. The gate tests it together with what is ahead of it and merges it when it passes.",
    fields: [message],
    action: "Approve",
    submit: send("approve", "Approved"),
  });
}

async function enqueue(ctx, change) {
  const pipelines = await get(tenantPath(ctx.tenant, "/pipelines"), ctx.signal);
  askEnqueue(ctx.tenant, change.project, `${change.number},${change.patchset}`, pipelines);
}
