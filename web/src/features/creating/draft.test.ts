import { describe, expect, it } from "vitest";
import { bodyOf, cliCommand, curlCommand, EMPTY, modesOf } from "./draft";

const draft = { ...EMPTY, credentialId: "c", provider: "aws", region: "us-west-2", name: "shop", version: "1.34", machineType: "t3.medium" };

it("offers what the provider has, standard first", () => {
  expect(modesOf(["addons", "cluster.fargate", "cluster.standard"])).toEqual(["standard", "fargate"]);
});

describe("the request", () => {
  it("leaves to the server what was not chosen", () => {
    const body = bodyOf({ ...draft, version: "" }, "w");
    expect(body.cluster).toEqual({ name: "shop", region: "us-west-2", mode: "standard" });
    expect("network" in body).toBe(false);
  });
  it("an existing network is named, and no range is sent beside it", () => {
    expect(bodyOf({ ...draft, vpcId: "vpc-1", cidr: "10.0.0.0/16" }, "w").network).toEqual({ vpc_id: "vpc-1" });
  });
  it("an autoscaled pool begins within its bounds", () => {
    expect(bodyOf({ ...draft, automatic: true, nodes: 9, min: 1, max: 4 }, "w").node_pool).toMatchObject({ node_count: 4, auto_scaling: { enabled: true, min: 1, max: 4 } });
  });
  it("has no pool where the cloud runs the nodes", () => {
    expect("node_pool" in bodyOf({ ...draft, mode: "autopilot" }, "w")).toBe(false);
  });
});

it("the command line does the same, or is not offered", () => {
  expect(cliCommand(draft, "my key")).toBe(
    "skyclust clusters create shop --provider aws --region us-west-2 --credential 'my key' --version 1.34 --mode standard --machine-type t3.medium --nodes 2",
  );
  expect(cliCommand({ ...draft, diskGb: 100 }, "k")).toBeNull();
});

it("curl sends the very body", () => {
  expect(curlCommand(bodyOf(draft, "w"), "https://x")).toContain(`'${JSON.stringify(bodyOf(draft, "w"))}'`);
});
