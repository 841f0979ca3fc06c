"use client";
// What a person has chosen in this browser: language, theme, workspace. Remembered in localStorage, told to every tab.

import { useSyncExternalStore } from "react";
import { KEYS } from "./preferences.shared";

export const LOCALES = ["en", "ko"] as const;
export type Locale = (typeof LOCALES)[number];
export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

type Name = keyof typeof KEYS;

const listeners = new Set<() => void>();

function subscribe(listener: () => void) {
  listeners.add(listener);
  window.addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", listener);
  };
}

function usePreference(name: Name): string | null {
  return useSyncExternalStore(
    subscribe,
    () => localStorage.getItem(KEYS[name]),
    () => null,
  );
}

export function choose(name: Name, value: string) {
  localStorage.setItem(KEYS[name], value);
  if (name === "theme") document.documentElement.dataset.theme = value === "system" ? systemTheme() : value;
  listeners.forEach((listener) => listener());
}

const systemTheme = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

/** The chosen language; else the browser's first that we speak. */
export function localeOf(chosen: string | null, wanted: readonly string[]): Locale {
  const known = (text: string | null | undefined) => LOCALES.find((locale) => locale === text?.slice(0, 2).toLowerCase());
  return known(chosen) ?? wanted.map(known).find(Boolean) ?? "en";
}

/** null while the page is not in a browser yet. */
export function useLocaleChoice(): Locale | null {
  const chosen = usePreference("locale");
  const inBrowser = useSyncExternalStore(subscribe, () => true, () => false);
  return inBrowser ? localeOf(chosen, navigator.languages) : null;
}

export function useTheme(): Theme {
  const chosen = usePreference("theme");
  return THEMES.find((theme) => theme === chosen) ?? "system";
}

export function useWorkspaceChoice(): string | null {
  return usePreference("workspace");
}
