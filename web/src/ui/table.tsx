import clsx from "clsx";
import type { ReactNode } from "react";

/** A table that scrolls sideways in its own box, never the page. The box can be reached by keyboard. */
export function TableBox({ label, framed = true, children }: { label: string; framed?: boolean; children: ReactNode }) {
  return (
    <div role="region" aria-label={label} tabIndex={0} className={clsx("relative overflow-x-auto", framed && "rounded-xl border border-line bg-panel")}>
      <table className="w-full border-collapse text-left text-sm">{children}</table>
    </div>
  );
}

export const HEAD = "border-b border-line px-4 py-2.5 text-xs font-medium whitespace-nowrap text-muted";
export const CELL = "border-b border-line/60 px-4 py-2.5 align-middle";
export const ROW = "last:[&>td]:border-b-0 hover:bg-raised/50";
