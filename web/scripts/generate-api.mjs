// Writes src/api/schema.ts from the API's OpenAPI document, which comes on standard input:
//   python -m skyclust.entrypoints.openapi | npm run --silent generate
// The first line holds the document's digest; tests/entrypoints/test_console.py compares it without Node.
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { Readable } from "node:stream";
import openapiTS, { astToString } from "openapi-typescript";

const text = await new Response(Readable.toWeb(process.stdin)).text();
const digest = createHash("sha256").update(text).digest("hex");
const source = astToString(await openapiTS(text, { alphabetize: true, defaultNonNullable: false }));
writeFileSync(
  new URL("../src/api/schema.ts", import.meta.url),
  `// Generated from the OpenAPI document ${digest}: run \`make client\` after a change of the API.\n${source}`,
);
