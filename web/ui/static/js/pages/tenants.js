// The tenants of this server. With only one there is nothing to choose.
import { fill, h } from "../lib/dom.js";
import { get } from "../lib/api.js";
import { empty } from "../lib/parts.js";
import { icon } from "../lib/icons.js";

const pages = [["status", "Status"], ["builds", "Builds"], ["buildsets", "Buildsets"], ["projects", "Projects"], ["jobs", "Jobs"]];

export default async function page(ctx) {
  const tenants = await get("/api/tenants", ctx.signal);
  if (tenants.length === 1 && location.pathname === "/") {
    ctx.go(`/t/${encodeURIComponent(tenants[0].name)}/status`, true);
    return;
  }
  ctx.title("Tenants");
  if (!tenants.length) {
    fill(ctx.root, empty("No tenant yet",
      h("p", null, "Name a tenant file in gozer.yaml. Then start the server again, and its tenants are listed here.")));
    return;
  }
  fill(ctx.root, h("h1", null, "Tenants"),
    h("ul.tenants", null, tenants.map((t) => card(t.name))));
}

function card(name) {
  const base = `/t/${encodeURIComponent(name)}/`;
  return h("li.tenant", null,
    h("a.tenant-name", { href: base + "status" }, name, icon("chevron")),
    h("div.tenant-links", null, pages.map(([key, label]) => h("a", { href: base + key }, label))));
}
