/** How far something is. The figures stand beside it. */
export function Progress({ percent, label }: { percent: number; label: string }) {
  return (
    <progress
      value={percent}
      max={100}
      aria-label={label}
      className="block h-2 w-full appearance-none overflow-hidden rounded-full bg-raised [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-line [&::-webkit-progress-value]:bg-accent [&::-webkit-progress-value]:transition-all"
    />
  );
}
