import { expect, it } from "vitest";
import en from "./en.json";
import ko from "./ko.json";

type Tree = { [key: string]: string | Tree };

const keys = (tree: Tree, path = ""): string[] =>
  Object.entries(tree).flatMap(([key, value]) => (typeof value === "string" ? [`${path}${key}`] : keys(value, `${path}${key}.`)));
const textOf = (tree: Tree, key: string) => key.split(".").reduce<Tree | string>((at, part) => (at as Tree)[part]!, tree) as string;
const names = (text: string) => [...text.matchAll(/\{(\w+)/g)].map((match) => match[1]).filter((name) => name !== "No").sort();

it("both languages say everything, with the same figures in it", () => {
  expect(keys(ko)).toEqual(keys(en));
  for (const key of keys(en)) {
    expect(new Set(names(textOf(ko, key))), key).toEqual(new Set(names(textOf(en, key))));
  }
});
