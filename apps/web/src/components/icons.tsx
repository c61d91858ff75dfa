import type { ReactNode } from 'react';

const icon = (children: ReactNode) =>
  function Icon() {
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
        aria-hidden="true"
      >
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
