// A certified OpenID provider for the tests of single sign-on. Reads its configuration from standard input as JSON:
// {port, clientId, clientSecret, redirectUri, accounts: {name: claims}, key (a private JWK)}; says "ready" when it serves.
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { Provider } from 'oidc-provider';

const given = JSON.parse(await text(process.stdin));
const issuer = `http://127.0.0.1:${given.port}`;

const provider = new Provider(issuer, {
  clients: [{
    client_id: given.clientId,
    client_secret: given.clientSecret,
    redirect_uris: [given.redirectUri],
    grant_types: ['authorization_code'],
    response_types: ['code'],
  }],
  jwks: { keys: [given.key] },
  cookies: { keys: ['only for tests'] },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
  scopes: ['openid', 'email', 'profile', 'groups'],
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
  findAccount: (_ctx, id) => given.accounts[id] && { accountId: id, claims: () => ({ sub: id, ...given.accounts[id] }) },
});

const server = provider.listen(given.port, '127.0.0.1');
await once(server, 'listening');
console.log('ready');
