export function Logo({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden className={className}>
      <rect width="32" height="32" rx="7" fill="#1d5bd6" />
      <path d="M16 6l8.7 5v10L16 26l-8.7-5V11z" fill="none" stroke="#fff" strokeWidth="2.4" strokeLinejoin="round" />
      <circle cx="16" cy="16" r="3" fill="#fff" />
    </svg>
  );
}
