"use client";

import { SelectField, TextArea, TextField } from "@/ui/fields";
import type { Field } from "./schema-fields";

/** One field as the provider's schema has it. A secret is masked, and no password manager is asked to keep it. */
export function SchemaField({ field, error }: { field: Field; error?: string }) {
  const shared = { label: field.title, name: `data.${field.name}`, hint: field.hint || undefined, required: field.required, error };
  if (field.choices.length) return <SelectField {...shared} choices={[{ value: "", text: "–" }, ...field.choices.map((value) => ({ value, text: value }))]} />;
  const typed = { ...shared, maxLength: field.maxLength, autoComplete: "off", spellCheck: false };
  if (field.long) return <TextArea {...typed} rows={5} className={field.secret ? "[-webkit-text-security:disc]" : undefined} />;
  return <TextField {...typed} type={field.secret ? "password" : "text"} autoComplete={field.secret ? "new-password" : "off"} placeholder={field.example} />;
}
