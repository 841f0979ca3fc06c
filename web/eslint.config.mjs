// Features know the API, lib and ui, and of each other nothing: what two of them need moves down.
import { readdirSync } from "node:fs";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const features = readdirSync(new URL("./src/features", import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

const apart = (files, group, message) => ({
  files,
  rules: { "no-restricted-imports": ["error", { patterns: [{ group, message }] }] },
});

export default tseslint.config(
  { ignores: ["node_modules", "out", ".next", "next-env.d.ts", "src/api/schema.ts"] },
  ...tseslint.configs.recommended,
  { ...hooks.configs.flat["recommended-latest"], files: ["src/**/*.{ts,tsx}"] },
  {
    files: ["src/**/*.{ts,tsx}"],
    rules: {
      "max-lines": ["error", 300],
      "react-hooks/incompatible-library": "off", // warns about the React Compiler, which is not used
      "no-restricted-globals": ["error", { name: "fetch", message: "HTTP leaves through src/api only" }],
      "no-restricted-syntax": [
        "error",
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: "stored text must never become markup" },
      ],
    },
  },
  { files: ["src/api/*.ts"], rules: { "no-restricted-globals": "off" } },
  { files: ["src/app/layout.tsx"], rules: { "no-restricted-syntax": "off" } },
  ...features.map((name) =>
    apart(
      [`src/features/${name}/**`],
      ["@/app/*", ...features.filter((other) => other !== name).map((other) => `@/features/${other}/*`)],
      "a feature uses no other feature and no page; move what both need to src/lib or src/ui",
    ),
  ),
  apart(["src/ui/**"], ["@/features/*", "@/app/*", "@/api/client"], "src/ui only draws"),
  apart(["src/lib/**", "src/api/**"], ["@/features/*", "@/app/*", "@/ui/*"], "src/lib and src/api know no page"),
);
