import { expect, it } from "vitest";
import { filtersOf, sortOf, sortText } from "./fleet-filters";

it("reads filters out of an address and leaves out what the API does not know", () => {
  const parameters = new URLSearchParams("name=%20a%20&state=flying&provider=");
  expect(filtersOf(parameters)).toEqual({ name: "a", provider: undefined, region: undefined, state: undefined });
});

it.each(["name", "-cost", ""])("the sort %j comes back as it was written", (text) => {
  expect(sortText(sortOf(text))).toBe(text);
});
