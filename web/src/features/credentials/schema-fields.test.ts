import { expect, it } from "vitest";
import { dataOf, fieldsOf, pastedData } from "./schema-fields";

const SCHEMA = {
  required: ["account"],
  properties: {
    account: { type: "string", title: "Account", maxLength: 10, examples: ["a1"] },
    secret: { type: "string", title: "Secret", writeOnly: true },
    key: { type: "string", title: "Key", writeOnly: true, maxLength: 8192 },
    kind: { enum: ["x", "y"], title: "Kind" },
    ignored: { type: "string", description: "Ignored." },
    fixed: { const: "z", title: "Fixed" },
  },
};

it("asks for what has a title, hides secrets, and knows what is required", () => {
  const fields = fieldsOf(SCHEMA);
  expect(fields.map((each) => each.name)).toEqual(["account", "secret", "key", "kind"]);
  expect(fields.filter((each) => each.secret).map((each) => each.name)).toEqual(["secret", "key"]);
  expect(fields.filter((each) => each.required).map((each) => each.name)).toEqual(["account"]);
  expect(fields.find((each) => each.name === "kind")?.choices).toEqual(["x", "y"]);
});

it("leaves out what was left empty and keeps the line ends of keys", () => {
  const typed: Record<string, string> = { account: " a1 ", key: "-----\nx\n", secret: "" };
  expect(dataOf(fieldsOf(SCHEMA), (name) => typed[name] ?? "")).toEqual({ account: "a1", key: "-----\nx\n" });
});

it.each(["", "[1]", "null", "{"])("%j is no key file", (text) => expect(pastedData(text)).toBeNull());
