// /change/N, as a push prints it: finds the tenant of the change.
import { fill, h } from "../lib/dom.js";
import { get } from "../lib/api.js";
import { empty, changePath } from "../lib/parts.js";
import { findChange } from "../change/facts.js";
import { tenantPath } from "../lib/api.js";

export default async function page(ctx) {
  const id = ctx.params.change;
  ctx.title("Change " + id);
  const tenants = (await get("/api/tenants", ctx.signal)).map((t) => t.name);
  const fitting = tenants.length > 1 ? await withProject(tenants, id, ctx.signal) : tenants;
  if (fitting.length === 1) {
    ctx.go(changePath(fitting[0], id), true);
    return;
  }
  const choice = fitting.length ? fitting : tenants;
  fill(ctx.root, empty(`Change ${id}`,
    h("p", null, fitting.length ? "Its project is in more than one tenant. Choose one." : "No tenant has the project of this change. Choose where to look."),
    h("p", null, choice.map((t) => [h("a.button", { href: changePath(t, id) }, t), " "]))));
}

async function withProject(tenants, id, signal) {
  const change = await findChange(Number(id.split(",")[0]), null, signal);
  if (!change) return [];
  const found = await Promise.all(tenants.map(async (t) => {
    const projects = await get(tenantPath(t, "/projects"), signal).catch(() => []);
    return projects.some((p) => p.name === change.project || p.canonical_name === change.project) ? t : null;
  }));
  return found.filter(Boolean);
}
