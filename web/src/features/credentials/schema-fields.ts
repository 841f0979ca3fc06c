// Which fields a provider's JSON Schema asks for, and what was typed as the data that the API takes. Pure.

export interface Field {
  name: string;
  title: string;
  hint: string;
  secret: boolean;
  long: boolean;
  required: boolean;
  choices: string[];
  pattern?: string;
  maxLength?: number;
  example: string;
}

interface Property {
  type?: string;
  title?: string;
  description?: string;
  writeOnly?: boolean;
  enum?: unknown[];
  const?: unknown;
  pattern?: string;
  maxLength?: number;
  examples?: unknown[];
}

const LONG = 5000;

/** Fields for people: what has a title. The rest is there for key files that are pasted whole. */
export function fieldsOf(schema: Record<string, unknown>): Field[] {
  const properties = (schema.properties ?? {}) as Record<string, Property>;
  const required = new Set((schema.required ?? []) as string[]);
  return Object.entries(properties)
    .filter(([, property]) => property.title && property.const === undefined && (property.type === "string" || property.enum))
    .map(([name, property]) => ({
      name,
      title: property.title ?? name,
      hint: property.description ?? "",
      secret: !!property.writeOnly,
      long: (property.maxLength ?? 0) > LONG,
      required: required.has(name),
      choices: (property.enum ?? []).filter((each): each is string => typeof each === "string"),
      pattern: property.pattern,
      maxLength: property.maxLength,
      example: typeof property.examples?.[0] === "string" ? property.examples[0] : "",
    }));
}

/** What was typed, without what was left empty. */
export function dataOf(fields: readonly Field[], typed: (name: string) => string): Record<string, string> {
  const filled = fields.map((field) => [field.name, field.long ? typed(field.name) : typed(field.name).trim()] as const);
  return Object.fromEntries(filled.filter(([, value]) => value));
}

/** A key file as it was pasted; null when it is no JSON object. */
export function pastedData(text: string): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? (parsed as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
