"use client";

import clsx from "clsx";
import { Boxes, KeyRound, ListChecks, Network } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { signOut } from "@/api/session";
import { useLiveUpdates } from "@/lib/live";
import { usePermissions, useWorkspace } from "@/lib/permissions";
import { choose } from "@/lib/preferences";
import { Button } from "@/ui/button";
import { LiveMark } from "@/ui/live-mark";
import { Note } from "@/ui/marks";
import { Empty } from "@/ui/panels";
import { Choices } from "./choices";
import { Logo } from "./logo";

const PLACES = [
  { href: "/", key: "clusters", icon: Boxes, also: "/clusters" },
  { href: "/networks/", key: "networks", icon: Network, also: "/networks" },
  { href: "/operations/", key: "operations", icon: ListChecks, also: "/operations" },
  { href: "/credentials/", key: "credentials", icon: KeyRound, also: "/credentials" },
] as const;

/** Everything around a page: where one can go, in which workspace one is, and whether what is shown is live. */
export function Frame({ children }: { children: ReactNode }) {
  const t = useTranslations();
  const liveness = useLiveUpdates();
  const { data } = usePermissions();
  const workspace = useWorkspace();
  return (
    <div className="min-h-dvh md:grid md:grid-cols-[13.5rem_1fr]">
      <a href="#content" className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-panel focus:p-2">{t("common.skip")}</a>
      <Sidebar />
      <div className="flex min-w-0 flex-col">
        <header className="flex flex-wrap items-center justify-between gap-2 border-b border-line bg-panel px-4 py-2 md:px-6">
          <WorkspaceSwitcher />
          <div className="flex flex-wrap items-center gap-2">
            <LiveMark liveness={liveness} />
            <Choices />
            <Button look="quiet" onClick={() => void signOut()}>{t("shell.signOut")}</Button>
          </div>
        </header>
        <main id="content" tabIndex={-1} className="mx-auto w-full max-w-7xl flex-1 px-4 pt-5 pb-24 outline-none md:px-6 md:pb-10">
          {workspace?.suspended && <div className="mb-4"><Note tone="warn">{t("shell.suspended")}</Note></div>}
          {data && !workspace ? <Empty title={t("shell.noWorkspace")}>{t("shell.noWorkspaceDetail")}</Empty> : children}
        </main>
      </div>
    </div>
  );
}

function Sidebar() {
  const t = useTranslations("shell");
  const path = usePathname();
  return (
    <div className="z-30 border-line bg-panel max-md:fixed max-md:inset-x-0 max-md:bottom-0 max-md:border-t md:sticky md:top-0 md:h-dvh md:border-r">
      <Link href="/" prefetch={false} className="hidden items-center gap-2.5 px-5 py-4 text-lg font-semibold tracking-tight md:flex">
        <Logo className="size-7" />
        SkyClust
      </Link>
      <nav aria-label={t("navigation")} className="flex justify-around md:flex-col md:gap-0.5 md:px-3">
        {PLACES.map(({ href, key, icon: Icon, also }) => {
          const here = path === href || path.startsWith(also);
          return (
            <Link
              key={href}
              href={href}
              prefetch={false}
              aria-current={here ? "page" : undefined}
              className={clsx(
                "flex items-center gap-2.5 rounded-md px-3 py-2 text-sm max-md:flex-col max-md:gap-0.5 max-md:text-xs",
                here ? "bg-accent-soft font-medium text-accent" : "text-muted hover:bg-raised hover:text-text",
              )}
            >
              <Icon aria-hidden className="size-4.5" />
              {t(key)}
            </Link>
          );
        })}
      </nav>
    </div>
  );
}

function WorkspaceSwitcher() {
  const t = useTranslations("shell");
  const { data } = usePermissions();
  const workspace = useWorkspace();
  if (!data || !workspace) return <span className="h-8" />;
  return (
    <label className="flex min-w-0 items-center gap-2 text-xs text-muted">
      {t("workspace")}
      <select
        value={workspace.workspace_id}
        onChange={(event) => choose("workspace", event.target.value)}
        className="min-h-8 max-w-48 truncate rounded-md border border-line bg-panel px-1.5 text-sm font-medium text-text"
      >
        {data.workspaces.map((each) => <option key={each.workspace_id} value={each.workspace_id}>{each.name}</option>)}
      </select>
    </label>
  );
}
