"use client";

import { ProblemNote } from "@/ui/problem";

export default function PageError({ error, reset }: { error: Error; reset: () => void }) {
  return <ProblemNote error={error} onRetry={reset} />;
}
