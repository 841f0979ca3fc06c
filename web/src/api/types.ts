// Names for the shapes of the API, so that pages do not spell out paths into the generated file.
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Cluster = Schemas["ClusterAnswer"];
export type ClusterState = Cluster["state"];
export type NodePool = Schemas["NodePoolAnswer"];
export type Condition = Schemas["ConditionAnswer"];
export type Credential = Schemas["CredentialAnswer"];
export type Network = Schemas["NetworkAnswer"];
export type Operation = Schemas["OperationAnswer"];
export type Step = Schemas["StepAnswer"];
export type Plan = Schemas["PlanAnswer"];
export type PlannedChange = Schemas["PlannedChangeAnswer"];
export type ActionPlan = Schemas["ActionPlanAnswer"];
export type Provider = Schemas["ProviderAnswer"];
export type Membership = Schemas["MembershipAnswer"];
export type Permission = Schemas["Permission"];
export type UnifiedClusterBody = Schemas["UnifiedClusterBody"];
export type ScaleBody = Schemas["ScaleBody"];
export type MachineType = Schemas["MachineTypeAnswer"];
export type OperationState = Schemas["OperationState"];
export type Tokens = Schemas["TokensAnswer"];

export interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}
