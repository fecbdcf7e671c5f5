// What an idle gate shows: that it is idle, and how to give it a change.
import { fill, h } from "../lib/dom.js";
import { getOr, tenantPath } from "../lib/api.js";
import { copyable, empty } from "../lib/parts.js";

export async function firstChange(el, ctx, status) {
  const own = {};
  el.own = own; // a later call wins
  const [projects, connections] = await Promise.all([
    getOr(tenantPath(ctx.tenant, "/projects"), [], ctx.signal),
    getOr("/api/connections", [], ctx.signal),
  ]).catch(() => [[], []]);
  if (el.own !== own || ctx.signal.aborted) return;
  const local = new Set(connections.filter((c) => c.driver === "local").map((c) => c.name));
  const project = projects.find((p) => p.type === "untrusted" && local.has(p.connection_name));
  const errors = status.pipelines.length === 0;
  if (errors) {
    fill(el, empty("This tenant has no pipelines",
      h("p", null, "A pipeline is defined in zuul.yaml of a config-project. ",
        h("a", { href: `/t/${encodeURIComponent(ctx.tenant)}/config-errors` }, "See whether its configuration has errors"), ".")));
    return;
  }
  fill(el, empty("Nothing is waiting",
    h("p", null, "All pipelines are idle. A change that enters one appears here at once."),
    project && h("div.howto", null,
      h("p", null, "Push a change for review, and the gate goes to work:"),
      copyable(commands(project.name)),
      h("p.hint", null, "The push asks for a user name and a password: give your name and your token."))));
}

function commands(project) {
  const dir = project.split("/").pop();
  return [
    `git clone ${location.origin}/git/${project} && cd ${dir}`,
    `git commit --allow-empty -m "My first change"`,
    `git push origin HEAD:refs/for/$(git branch --show-current)`,
  ].join("\n");
}
