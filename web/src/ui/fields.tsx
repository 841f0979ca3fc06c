import clsx from "clsx";
import { type ComponentProps, type ReactNode, useId } from "react";

const BOX =
  "w-full min-h-9 rounded-md border border-line bg-panel px-2.5 py-1.5 text-sm text-text placeholder:text-muted aria-invalid:border-bad disabled:opacity-60";

interface Around {
  label: string;
  hint?: ReactNode;
  error?: string;
}

/** A label, the control, what it is for, and what is wrong with it, tied together for screen readers. */
function Frame({ id, label, hint, error, required, children }: Around & { id: string; required?: boolean; children: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
        {required && <span aria-hidden className="text-bad"> *</span>}
      </label>
      {children}
      {hint && <p id={`${id}-hint`} className="text-xs text-muted">{hint}</p>}
      {error && <p id={`${id}-error`} role="alert" className="text-xs text-bad">{error}</p>}
    </div>
  );
}

const told = (id: string, { hint, error }: Around) =>
  clsx(hint && `${id}-hint`, error && `${id}-error`) || undefined;

export function TextField({ label, hint, error, className, ...rest }: Around & ComponentProps<"input">) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} error={error} required={rest.required}>
      <input {...rest} id={id} aria-invalid={!!error || undefined} aria-describedby={told(id, { label, hint, error })} className={clsx(BOX, className)} />
    </Frame>
  );
}

export function TextArea({ label, hint, error, className, ...rest }: Around & ComponentProps<"textarea">) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} error={error} required={rest.required}>
      <textarea {...rest} id={id} aria-invalid={!!error || undefined} aria-describedby={told(id, { label, hint, error })} className={clsx(BOX, "font-mono", className)} />
    </Frame>
  );
}

export interface Choice {
  value: string;
  text: string;
}

export function SelectField({ label, hint, error, choices, className, ...rest }: Around & { choices: Choice[] } & ComponentProps<"select">) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} error={error} required={rest.required}>
      <select {...rest} id={id} aria-invalid={!!error || undefined} aria-describedby={told(id, { label, hint, error })} className={clsx(BOX, className)}>
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>{choice.text}</option>
        ))}
      </select>
    </Frame>
  );
}

export function CheckField({ label, hint, ...rest }: { label: string; hint?: string } & ComponentProps<"input">) {
  return (
    <label className="flex items-start gap-2 text-sm">
      <input {...rest} type="checkbox" className="mt-0.5 size-4 accent-(--accent)" />
      <span>
        {label}
        {hint && <span className="block text-xs text-muted">{hint}</span>}
      </span>
    </label>
  );
}
