import type { ReactNode } from 'react';

const icon = (children: ReactNode) =>
  /** @param label for an icon that stands for a word of its own */
  function Icon({ label }: { label?: string }) {
    return (
      <svg
        viewBox="0 0 16 16"
        width="16"
        height="16"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
        role={label ? 'img' : undefined}
        aria-label={label}
        aria-hidden={label ? undefined : true}
      >
        {label && <title>{label}</title>}
        {children}
      </svg>
    );
  };

export const SunIcon = icon(
  <>
    <circle cx="8" cy="8" r="2.75" />
    <path d="M8 1.25v1.5M8 13.25v1.5M1.25 8h1.5M13.25 8h1.5M3.2 3.2l1.1 1.1M11.7 11.7l1.1 1.1M3.2 12.8l1.1-1.1M11.7 4.3l1.1-1.1" />
  </>,
);
export const MoonIcon = icon(<path d="M13.5 9.6A5.9 5.9 0 0 1 6.4 2.5a5.9 5.9 0 1 0 7.1 7.1Z" />);
export const ScreenIcon = icon(
  <>
    <rect x="1.75" y="2.75" width="12.5" height="8.5" rx="1" />
    <path d="M6 13.75h4" />
  </>,
);
export const CancelIcon = icon(<path d="M4 4l8 8M12 4l-8 8" />);
export const RetryIcon = icon(
  <>
    <path d="M13 8a5 5 0 1 1-1.5-3.6" />
    <path d="M13.25 1.75v3h-3" />
  </>,
);
export const BackIcon = icon(<path d="M10 3.5L5.5 8l4.5 4.5" />);
export const ForwardIcon = icon(<path d="M6 3.5L10.5 8 6 12.5" />);
export const PlayIcon = icon(<path d="M4.75 3v10l8-5z" fill="currentColor" />);
export const ExportIcon = icon(
  <>
    <path d="M8 2v7.5M4.9 6.6L8 9.7l3.1-3.1" />
    <path d="M2.5 10.5v3h11v-3" />
  </>,
);
export const MenuIcon = icon(<path d="M2 4.5h12M2 8h12M2 11.5h12" />);
export const SearchIcon = icon(
  <>
    <circle cx="7" cy="7" r="4.25" />
    <path d="M10.2 10.2l3.3 3.3" />
  </>,
);
export const LockIcon = icon(
  <>
    <rect x="3.25" y="7" width="9.5" height="6.5" rx="1" />
    <path d="M5.25 7V4.75a2.75 2.75 0 0 1 5.5 0V7" />
  </>,
);
export const NoteIcon = icon(
  <>
    <path d="M3.25 2.25h6.5l3 3v8.5h-9.5z" />
    <path d="M5.5 8h5M5.5 10.75h3.5" />
  </>,
);
export const DoubtIcon = icon(<path d="M8 1.75l6.5 11.75h-13zM8 6v3.75M8 11.75v.25" />);
export const PinIcon = icon(<path d="M5.5 2.25h5l-.6 4.5 2.1 2.5H4l2.1-2.5zM8 9.25v4.5" />);
