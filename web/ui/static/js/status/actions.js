// What administrators may do to items.
import { ask, say } from "../lib/dialog.js";
import { post, projectPath, tenantPath } from "../lib/api.js";
import { isChangeID } from "../lib/parts.js";
import { label } from "./item.js";

export async function askDequeue(tenant, { item, pipeline }) {
  const ref = item.refs[0];
  const done = await ask({
    title: `Dequeue from ${pipeline.name}?`,
    intro: `${label(item)} leaves the pipeline and its running builds are stopped. Items behind it start again without it.`,
    action: "Dequeue",
    danger: true,
    submit: () => post(projectAction(tenant, ref.project_canonical || ref.project, "dequeue"), {
      pipeline: pipeline.name,
      ...(isChangeID(ref.id) ? { change: ref.id } : { ref: ref.ref }),
    }),
  });
  if (done !== null) say("Dequeue requested");
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
