import { expect, it } from "vitest";
import { quoted } from "@/lib/shell";
import { kubeconfigCommand } from "./commands";

it("names the place, because names need not be unique", () => {
  expect(kubeconfigCommand({ name: "shop", provider: "aws", region: "us-west-2" })).toBe(
    "skyclust clusters kubeconfig shop --provider aws --region us-west-2 --merge\nkubectl get nodes",
  );
});

it("no name can become a command", () => {
  expect(quoted("a; rm -rf 'x'")).toBe(`'a; rm -rf '\\''x'\\'''`);
});
