// The shape of a queue: which item builds on which. A line runs through the
// items that build on each other. An item that those behind it no longer
// build on, because it fails, stands beside the line.

// rails returns for each item {lane, top, bottom, pass}: lane 0 is on the
// line, 1 beside it; top and bottom tell whether the line goes on from the
// dot; pass, whether the line passes beside the dot. It walks from the end of
// the queue: next is where the line wants to go.
export function rails(items) {
  const place = new Map(items.map((item, i) => [item.id, i]));
  const aheadOf = items.map((item) => place.get(item.item_ahead) ?? -1);
  const shapes = new Array(items.length);
  let next = items.length - 1;
  let below = false; // the line comes from an item behind
  for (let i = items.length - 1; i >= 0; i--) {
    const on = i === next;
    shapes[i] = { lane: on ? 0 : 1, top: aheadOf[i] >= 0, bottom: on && below, pass: !on && next >= 0 };
    if (!on) continue;
    next = aheadOf[i];
    below = next >= 0;
  }
  return shapes;
}
