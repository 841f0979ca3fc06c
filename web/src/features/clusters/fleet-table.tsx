"use client";

import { flexRender, getCoreRowModel, getSortedRowModel, useReactTable } from "@tanstack/react-table";
import { ArrowDown, ArrowUp, ArrowUpDown } from "lucide-react";
import { useTranslations } from "next-intl";
import type { Cluster } from "@/api/types";
import { CELL, HEAD, ROW, TableBox } from "@/ui/table";
import { sortOf, sortText } from "./fleet-filters";
import { useFleetColumns } from "./fleet-columns";

const SIGNS = { asc: ArrowUp, desc: ArrowDown, none: ArrowUpDown };
const ARIA = { asc: "ascending", desc: "descending", none: "none" } as const;

interface Props {
  items: Cluster[];
  complete: boolean;
  sort: string | null;
  onSort: (sort: string) => void;
}

export function FleetTable({ items, complete, sort, onSort }: Props) {
  const t = useTranslations("fleet");
  const columns = useFleetColumns();
  const sorting = sortOf(sort).filter((each) => columns.some((column) => (column.id ?? ("accessorKey" in column && column.accessorKey)) === each.id));
  const table = useReactTable({
    data: items,
    columns,
    state: { sorting },
    onSortingChange: (update) => onSort(sortText(typeof update === "function" ? update(sorting) : update)),
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
    getRowId: (cluster) => cluster.id,
    autoResetAll: false, // there are no pages to go back to the first of; with it each drawing would ask for the next one
  });
  return (
    <>
      {!complete && sorting.length > 0 && <p className="text-xs text-muted">{t("sortedWithin", { count: items.length })}</p>}
      <TableBox label={t("table")}>
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {group.headers.map((header) => {
                const sorted = header.column.getIsSorted() || "none";
                const Sign = SIGNS[sorted];
                return (
                  <th key={header.id} scope="col" aria-sort={ARIA[sorted]} className={HEAD}>
                    <button type="button" onClick={header.column.getToggleSortingHandler()} className="inline-flex items-center gap-1 hover:text-text">
                      {flexRender(header.column.columnDef.header, header.getContext())}
                      <Sign aria-hidden className="size-3" />
                    </button>
                  </th>
                );
              })}
            </tr>
          ))}
        </thead>
        <tbody>
          {table.getRowModel().rows.map((row) => (
            <tr key={row.id} className={ROW}>
              {row.getVisibleCells().map((cell) => (
                <td key={cell.id} className={CELL}>{flexRender(cell.column.columnDef.cell, cell.getContext())}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </TableBox>
    </>
  );
}
