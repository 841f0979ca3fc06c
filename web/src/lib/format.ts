// Figures and times as people read them. Pure; the language is a parameter.

export function money(usd: number, locale: string): string {
  return new Intl.NumberFormat(locale, { style: "currency", currency: "USD", maximumFractionDigits: usd < 100 ? 2 : 0 }).format(usd);
}

export function dateTime(iso: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));
}

export function clockTime(iso: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { timeStyle: "medium" }).format(new Date(iso));
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86_400], ["hour", 3600], ["minute", 60]];

/** "3 minutes ago"; below a minute "now". */
export function ago(iso: string, now: number, locale: string): string {
  const seconds = (new Date(iso).getTime() - now) / 1000;
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  }
  return format.format(0, "second");
}

/** 8 s, 2 min 5 s, 1 h 3 min: two units at most. */
export function duration(seconds: number, locale: string): string {
  const part = (value: number, unit: string) =>
    new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 0 }).format(value);
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 60) return part(whole, "second");
  if (whole < 3600) return [part(Math.floor(whole / 60), "minute"), whole % 60 ? part(whole % 60, "second") : ""].join(" ").trim();
  const minutes = Math.floor((whole % 3600) / 60);
  return [part(Math.floor(whole / 3600), "hour"), minutes ? part(minutes, "minute") : ""].join(" ").trim();
}
