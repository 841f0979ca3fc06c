// What is asked before anybody is signed in.
import { asProblem, ProblemError, UnreachableError } from "./problems";

export interface SignOn {
  enabled: boolean;
  issuer: string;
}

export async function fetchSignOn(): Promise<SignOn> {
  const response = await fetch("/api/v1/auth/oidc").catch(() => {
    throw new UnreachableError();
  });
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw new ProblemError(asProblem(body, response.status));
  return body as SignOn;
}
