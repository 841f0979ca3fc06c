// The one way to the API for pages: typed by the generated schema, authorized, errors thrown as problems.
import createClient from "openapi-fetch";
import { asProblem, ProblemError } from "./problems";
import type { paths } from "./schema";
import { authorized } from "./session";

export const api = createClient<paths>({ baseUrl: "", fetch: authorized });

interface Answered<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The data, or an exception that says why there is none. */
export async function unwrap<T>(asked: Promise<Answered<T>>): Promise<T> {
  const { data, error, response } = await asked;
  if (!response.ok) throw new ProblemError(asProblem(error, response.status));
  return data as T;
}

/** A POST that creates is sent with a key of its own, so that sending it twice makes one thing. */
export function newKey(): string {
  if ("randomUUID" in crypto) return crypto.randomUUID();
  const bytes = (crypto as Crypto).getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
