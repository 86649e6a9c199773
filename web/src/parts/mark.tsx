/** The product's mark. */
export function Mark({ size = 24 }: { readonly size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden focusable="false">
      <rect width="32" height="32" rx="8" fill="#5b5bd6" />
      <path
        d="M7 16h6.5m5 0H25M13.5 16a2.5 2.5 0 0 1 5 0 2.5 2.5 0 0 1-5 0ZM9 9.5c3.6-3 10.4-3 14 0M9 22.5c3.6 3 10.4 3 14 0"
        fill="none"
        stroke="#fff"
        strokeWidth="2.2"
        strokeLinecap="round"
      />
    </svg>
  );
}
