// Who is signed in. The access token lives in memory only, the refresh token in a cookie that no script can read.
//
// Invariant: at most one refresh is under way over all tabs, because a refresh token works once and using it twice ends
// the session. A request that meets an ended session waits until somebody has signed in again: no form is lost.
import { asProblem, ProblemError, UnreachableError } from "./problems";
import type { Tokens } from "./types";

/** "proof": signed in, and asked to prove it again before an act that needs it fresh. */
export type Status = "unknown" | "out" | "in" | "expired" | "proof";

const BASE = "/api/v1/auth";
const MARK = "skyclust.signed-in";
const EARLY_MS = 30_000;
const KEEP_IN_COOKIE = { "X-Refresh-Token-Place": "cookie" };

let status: Status = "unknown";
let token = "";
let endsAt = 0;
let refreshing: Promise<boolean> | null = null;
const listeners = new Set<() => void>();

export const session = {
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
  status: () => status,
};

function become(next: Status) {
  if (next === status) return;
  status = next;
  listeners.forEach((listener) => listener());
}

/** At the start of a page: is there a session to go on with? The mark spares strangers a refused request. */
export async function resume(): Promise<void> {
  if (status !== "unknown") return;
  if (!localStorage.getItem(MARK) || !(await refresh())) forget("out");
}

export function accept(tokens: Tokens) {
  token = tokens.access_token;
  endsAt = Date.now() + tokens.expires_in * 1000;
  localStorage.setItem(MARK, "1");
  become("in");
}

function forget(next: "out" | "expired") {
  token = "";
  localStorage.removeItem(MARK);
  become(next);
}

export async function signIn(body: { email: string; password: string; code?: string }): Promise<void> {
  accept((await call("/login", body)) as Tokens);
}

export async function signInByGrant(grant: string, verifier: string): Promise<void> {
  accept((await call("/oidc/tokens", { grant, verifier })) as Tokens);
}

export async function signOut(): Promise<void> {
  try {
    await fetch(`${BASE}/logout`, { method: "POST", headers: { ...KEEP_IN_COOKIE, Authorization: `Bearer ${token}` } });
  } finally {
    forget("out");
  }
}

async function call(path: string, body: object, bearer = ""): Promise<unknown> {
  const headers: Record<string, string> = { "Content-Type": "application/json", ...KEEP_IN_COOKIE };
  if (bearer) headers.Authorization = `Bearer ${bearer}`;
  const sent = { method: "POST", headers, body: JSON.stringify(body) };
  const response = await fetch(BASE + path, sent).catch(() => {
    throw new UnreachableError();
  });
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok) throw new ProblemError(asProblem(answer, response.status));
  return answer;
}

/** True when there is a fresh access token. False: the session has ended. Throws when nobody answers. */
export function refresh(): Promise<boolean> {
  refreshing ??= alone(async () => {
    try {
      accept((await call("/refresh", {})) as Tokens);
      return true;
    } catch (error) {
      if (error instanceof ProblemError && error.problem.status === 401) return false;
      throw error;
    }
  }).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

function alone<T>(work: () => Promise<T>): Promise<T> {
  // Locks need https or this machine; without them two tabs may meet, and one of them signs in again.
  return "locks" in navigator ? navigator.locks.request("skyclust-refresh", () => work()).then((done) => done) : work();
}

function signedIn(): Promise<void> {
  return new Promise((resolve) => {
    const done = session.subscribe(() => {
      if (status !== "in") return;
      done();
      resolve();
    });
    if (status === "in") resolve();
  });
}

export async function prove(body: { password: string; code?: string }): Promise<void> {
  accept((await call("/reauthenticate", body, token)) as Tokens);
}

/** Whoever will not prove it gets the refusal of what they asked for. */
export function declineProof() {
  if (status === "proof") become("in");
}

async function currentToken(): Promise<string> {
  if (status === "in" && Date.now() > endsAt - EARLY_MS && !(await refresh())) forget("expired");
  if (status !== "in") await signedIn();
  return token;
}

/** fetch as whoever is signed in: renews the token, and outlives the end of a session. */
export async function authorized(request: Request): Promise<Response> {
  for (;;) {
    const used = await currentToken();
    const copy = request.clone();
    copy.headers.set("Authorization", `Bearer ${used}`);
    const response = await fetch(copy).catch((error: unknown) => {
      if (request.signal.aborted) throw error;
      throw new UnreachableError();
    });
    if (response.status !== 401) return response;
    if (await wantsProof(response)) {
      become("proof");
      await signedIn();
      if (used === token) return response; // declined
    } else if (used === token && !(await refresh())) forget("expired");
  }
}

/** 401 that asks to prove again who one is: the session lives. */
async function wantsProof(response: Response): Promise<boolean> {
  const body: unknown = await response.clone().json().catch(() => null);
  return asProblem(body, 401).type.endsWith("insufficient-user-authentication");
}
