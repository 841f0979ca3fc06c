import { describe, expect, it } from "vitest";
import { ago, duration, money } from "./format";
import { staleKeys } from "./live";
import { localeOf } from "./preferences";
import { withChanges } from "./url-state";

describe("figures", () => {
  it("durations have two units at most", () => {
    expect([0, 59, 125, 7380].map((seconds) => duration(seconds, "en"))).toEqual(["1 sec", "59 sec", "2 min 5 sec", "2 hr 3 min"]);
  });
  it("cents are told of small sums only", () => {
    expect([3.65, 1234.5].map((usd) => money(usd, "en"))).toEqual(["$3.65", "$1,235"]);
  });
  it("past times are told from now", () => {
    const now = Date.parse("2026-01-01T12:00:00Z");
    expect(["2026-01-01T11:57:00Z", "2025-12-30T12:00:00Z"].map((iso) => ago(iso, now, "en"))).toEqual(["3 minutes ago", "2 days ago"]);
  });
});

describe("language", () => {
  it.each([
    ["ko", ["en-US"], "ko"],
    [null, ["fr", "ko-KR", "en"], "ko"],
    [null, ["fr"], "en"],
    ["xx", [], "en"],
  ] as const)("%s chosen and %j wanted gives %s", (chosen, wanted, locale) => expect(localeOf(chosen, wanted)).toBe(locale));
});

it("an address keeps what is not changed and drops what is emptied", () => {
  expect(withChanges("/", "?name=a&sort=-cost", { name: "", state: "ready" })).toBe("/?sort=-cost&state=ready");
  expect(withChanges("/", "?name=a", { name: "" })).toBe("/");
});

it("an operation's progress makes clusters and networks stale", () => {
  expect(staleKeys("operation.progressed")).toEqual(["operations", "clusters", "networks"]);
  expect(staleKeys("user.signed_in")).toEqual([]);
});
