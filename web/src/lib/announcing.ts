// What was begun or done, for whoever shows such things (ui/toasts.tsx).

export interface Announcement {
  id: number;
  text: string;
  href?: string;
  linkText?: string;
}

const SHOWN_MS = 8000;
const NONE: readonly Announcement[] = [];
let current: readonly Announcement[] = NONE;
let count = 0;
const listeners = new Set<() => void>();

function set(next: readonly Announcement[]) {
  current = next;
  listeners.forEach((listener) => listener());
}

export const announcements = {
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
  current: () => current,
  none: () => NONE,
  dismiss: (id: number) => set(current.filter((each) => each.id !== id)),
};

export function announce(text: string, href?: string, linkText?: string) {
  const id = ++count;
  set([...current, { id, text, href, linkText }].slice(-3));
  setTimeout(() => announcements.dismiss(id), SHOWN_MS);
}
