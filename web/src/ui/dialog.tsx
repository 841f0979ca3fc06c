"use client";

import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef } from "react";

interface Props {
  title: string;
  closeLabel?: string;
  onClose?: () => void;
  children: ReactNode;
}

/** The browser's own modal dialogue: it keeps the focus inside, closes by Escape, and needs no inline style. */
export function Dialog({ title, closeLabel, onClose, children }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (dialog && !dialog.open) dialog.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
      className="m-auto max-h-[calc(100dvh-2rem)] w-[min(40rem,calc(100vw-1.5rem))] rounded-xl border border-line bg-panel p-0 shadow-2xl"
    >
      <div className="flex items-center justify-between gap-4 border-b border-line px-5 py-3">
        <h2 id={id} className="text-base font-semibold">{title}</h2>
        {onClose && (
          <button type="button" aria-label={closeLabel} onClick={onClose} className="rounded p-1 text-muted hover:bg-raised hover:text-text">
            <X aria-hidden className="size-5" />
          </button>
        )}
      </div>
      <div className="flex flex-col gap-4 p-5">{children}</div>
    </dialog>
  );
}
