"use client";

import { useTranslations } from "next-intl";
import { choose, LOCALES, THEMES, useLocaleChoice, useTheme } from "@/lib/preferences";

const LOCALE_NAMES = { en: "English", ko: "한국어" };
const SMALL = "min-h-8 rounded-md border border-line bg-panel px-1.5 text-xs text-text";

/** Language and theme. */
export function Choices() {
  const t = useTranslations("shell");
  const locale = useLocaleChoice();
  const theme = useTheme();
  return (
    <div className="flex gap-2">
      <select aria-label={t("language")} value={locale ?? "en"} onChange={(event) => choose("locale", event.target.value)} className={SMALL}>
        {LOCALES.map((each) => <option key={each} value={each}>{LOCALE_NAMES[each]}</option>)}
      </select>
      <select aria-label={t("theme")} value={theme} onChange={(event) => choose("theme", event.target.value)} className={SMALL}>
        {THEMES.map((each) => <option key={each} value={each}>{t(each)}</option>)}
      </select>
    </div>
  );
}
