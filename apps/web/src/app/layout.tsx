import '../theme/mantineStyles';
import './global.css';
import { ColorSchemeScript, mantineHtmlProps } from '@mantine/core';
import type { Metadata, Viewport } from 'next';
import localFont from 'next/font/local';
import type { ReactNode } from 'react';
import { GraphqlProvider } from '../graphql/GraphqlProvider';
import { ViewerProvider } from '../session/viewer';
import { Shell } from '../shell/Shell';
import { dark, light } from '../theme/palette';
import { ThemeProvider } from '../theme/ThemeProvider';

const plex = localFont({
  src: '../fonts/ibmPlexSans.woff2',
  weight: '100 700',
  variable: '--font-plex',
  display: 'swap',
});

export const metadata: Metadata = {
  description: 'When does a backdoor in an image classifier fail to fire, and why?',
};

export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: light.ground },
    { media: '(prefers-color-scheme: dark)', color: dark.ground },
  ],
};

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" className={plex.variable} {...mantineHtmlProps}>
      <head>
        <ColorSchemeScript defaultColorScheme="auto" />
      </head>
      <body>
        <ThemeProvider>
          <GraphqlProvider>
            <ViewerProvider>
              <Shell>{children}</Shell>
            </ViewerProvider>
          </GraphqlProvider>
        </ThemeProvider>
      </body>
    </html>
  );
}
