// Sign-in by the identity provider, as RFC 7636 has it: we keep the verifier, the page comes back with a grant.
import { signInByGrant } from "@/api/session";

export { fetchSignOn } from "@/api/doors";

const VERIFIER = "skyclust.verifier";
const RETURN = "skyclust.return-to";

const base64url = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

export async function beginSignOn(): Promise<void> {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  sessionStorage.setItem(VERIFIER, verifier);
  sessionStorage.setItem(RETURN, window.location.pathname + window.location.search);
  const query = new URLSearchParams({
    return_to: `${window.location.origin}/login/`,
    challenge: base64url(new Uint8Array(digest)),
  });
  window.location.assign(`/api/v1/auth/oidc/login?${query}`);
}

/** Back from the identity provider: tokens for the grant. The answer is where the sign-in was begun. */
export async function finishSignOn(grant: string): Promise<string> {
  const verifier = sessionStorage.getItem(VERIFIER) ?? "";
  sessionStorage.removeItem(VERIFIER);
  await signInByGrant(grant, verifier);
  const back = sessionStorage.getItem(RETURN) ?? "/";
  sessionStorage.removeItem(RETURN);
  return back.startsWith("/") && !back.startsWith("//") && !back.startsWith("/login") ? back : "/";
}
