// What administrators may do to items.
import { ask, say } from "../lib/dialog.js";
import { post, projectPath, tenantPath } from "../lib/api.js";
import { isChangeID } from "../lib/parts.js";
import { label } from "./item.js";

// The acts on an item, by name: how the dialog offers them, and what they send.
const acts = {
  dequeue: {
    label: "Dequeue: it leaves, and what is behind it starts again without it",
    said: "Dequeue requested",
    send: (tenant, { item, pipeline }) => {
      const ref = item.refs[0];
      return post(projectAction(tenant, ref.project_canonical || ref.project, "dequeue"), {
        pipeline: pipeline.name,
        ...(isChangeID(ref.id) ? { change: ref.id } : { ref: ref.ref }),
      });
    },
  },
  promote: {
    label: "Promote: it moves to the front of its queue, and what it overtakes starts again",
    said: "Promotion requested",
    send: (tenant, { item, pipeline }) => post(tenantPath(tenant, "/promote"), { pipeline: pipeline.name, changes: [item.refs[0].id] }),
  },
};

// askAct lets an administrator dequeue or promote an item. Only changes can be
// promoted.
export async function askAct(tenant, entry) {
  const names = isChangeID(entry.item.refs[0].id) ? ["dequeue", "promote"] : ["dequeue"];
  const done = await ask({
    title: `${label(entry.item)} in ${entry.pipeline.name}`,
    fields: [{ name: "act", label: "What shall happen", type: "select", required: true,
      options: names.map((name) => ({ value: name, label: acts[name].label })) }],
    action: "Do it",
    danger: true,
    submit: async (values) => {
      await acts[values.act].send(tenant, entry);
      return values;
    },
  });
  if (done !== null) say(acts[done.act].said);
}

export async function askEnqueue(tenant, project, change, pipelines) {
  const done = await ask({
    title: `Enqueue ${change}`,
    intro: "The change enters the pipeline now, whatever the pipeline otherwise requires.",
    fields: [{ name: "pipeline", label: "Pipeline", type: "select", required: true,
      options: pipelines.map((p) => ({ value: p.name, label: p.name })) }],
    action: "Enqueue",
    submit: (values) => post(projectAction(tenant, project, "enqueue"), { pipeline: values.pipeline, change }),
  });
  if (done !== null) say("Enqueue requested");
}

function projectAction(tenant, project, action) {
  return tenantPath(tenant, `/project/${projectPath(project)}/${action}`);
}
