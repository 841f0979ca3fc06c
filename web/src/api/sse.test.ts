import { expect, it } from "vitest";
import { backoffMs, EventParser } from "./sse";

it("puts events together however the bytes were cut", () => {
  const text = "retry: 1000\n: connected\n\nid: 7-1\nevent: snapshot\ndata: {\"a\":\ndata: 1}\n\nid: 8-2\ndata: x\n\n";
  for (const size of [1, 3, 10, text.length]) {
    const parser = new EventParser();
    const found = [];
    for (let at = 0; at < text.length; at += size) found.push(...parser.push(text.slice(at, at + size)));
    expect(found).toEqual([
      { id: "7-1", name: "snapshot", data: '{"a":\n1}' },
      { id: "8-2", name: "message", data: "x" },
    ]);
  }
});

it("an event without an id keeps the last one, so that resuming misses nothing", () => {
  expect(new EventParser().push("id: 5\ndata: a\n\ndata: b\n\n").map((event) => event.id)).toEqual(["5", "5"]);
});

it("waits longer each time, but never long", () => {
  expect([1, 2, 3, 20].map(backoffMs)).toEqual([1000, 2000, 4000, 15_000]);
});
