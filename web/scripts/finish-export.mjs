// After `next build`: puts the export into the Python package, with the list of its files and, for each page, the hashes
// of its inline scripts, which the server puts into the page's content security policy.
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { gzipSync } from "node:zlib";

const from = new URL("../out", import.meta.url).pathname;
const to = new URL("../../src/skyclust/entrypoints/console_files", import.meta.url).pathname;
const PACKED = /\.(js|css|html|txt|svg|json)$/;

rmSync(to, { recursive: true, force: true });
mkdirSync(to, { recursive: true });
cpSync(from, to, { recursive: true });

const files = {};
const scripts = {};
for (const entry of readdirSync(to, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const path = join(entry.parentPath, entry.name);
  const name = relative(to, path).split(sep).join("/");
  const page = name.endsWith(".html");
  const address = "/" + (page ? name.replace(/(^|\/)index\.html$/, "$1").replace(/\.html$/, "/") : name);
  const body = readFileSync(path);
  files[address] = name;
  if (page) scripts[address] = hashes(body.toString("utf8"), name);
  if (PACKED.test(name) && body.length > 1024) writeFileSync(path + ".gz", gzipSync(body, { level: 9 }));
}
writeFileSync(join(to, "manifest.json"), JSON.stringify({ files, scripts }, null, 1));
console.log(`console: ${Object.keys(files).length} files, ${Object.keys(scripts).length} pages`);

function hashes(html, name) {
  if (/<[^>]+\sstyle="/.test(html) || /<style[\s>]/.test(html)) throw new Error(`${name} has an inline style, which no policy allows`);
  if (/<[^>]+\son[a-z]+="/.test(html)) throw new Error(`${name} has an inline event handler, which no policy allows`);
  const inline = [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)].map((match) => match[1]);
  return [...new Set(inline)].map((text) => "sha256-" + createHash("sha256").update(text).digest("base64"));
}
