// The buildsets of a change over time, each with its builds.
import { h } from "../lib/dom.js";
import { timeAgo } from "../lib/time.js";
import { buildPath, buildState, buildsetPath, refID, resultIcon, resultKind, section, setBadge, spent, startedOver, words } from "../lib/parts.js";
import { icon } from "../lib/icons.js";

export function historyTables(tenant, buildsets, builds) {
  if (!buildsets.length) return section("Tests", h("p.muted", null, "Not tested yet."));
  const of = Map.groupBy(builds, (b) => b.buildset?.uuid);
  return section("Tests", h("ol.tested", null, buildsets.map((set) => h("li.tested-set", null,
    h("div.tested-head", null,
      h("a.tested-name", { href: buildsetPath(tenant, set.uuid) }, setBadge(set), h("strong", null, set.pipeline)),
      h("span.muted", null, set.refs.map(refID).join(", ")),
      h("span.grow"),
      h("span.muted", null, spent(set.first_build_start_time, set.result && set.last_build_end_time)),
      timeAgo(set.event_timestamp || set.first_build_start_time)),
    startedOver(set) && h("p.tested-why", null, startedOver(set) + "."),
    h("ul.tested-builds", null, (of.get(set.uuid) || []).toReversed().map((b) => build(tenant, b)))))));
}

function build(tenant, b) {
  const state = buildState(b);
  return h("li", null, h("a.chip", { href: buildPath(tenant, b.uuid), "data-kind": resultKind(state), title: words(state) },
    icon(resultIcon(state), words(state)), b.job_name, b.start_time && h("span.chip-time", null, spent(b.start_time, b.end_time, b.duration))));
}
