'use client';

import { ActionIcon, Tooltip } from '@mantine/core';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import type { PanelSource } from '../export/panelSource';
import { ExportIcon } from './icons';

// Asked for rarely, so it is fetched then.
const PanelExportDialog = dynamic(() =>
  import('./PanelExportDialog').then(({ PanelExportDialog }) => PanelExportDialog),
);

/** The way from a panel to its query and its files. */
export function PanelExport({ source }: { source: PanelSource }) {
  const [opened, setOpened] = useState(false);
  const text = 'Query and downloads';
  return (
    <>
      <Tooltip label={text}>
        <ActionIcon
          variant="subtle"
          size="sm"
          aria-label={`${text}: ${source.name}`}
          onClick={() => setOpened(true)}
        >
          <ExportIcon />
        </ActionIcon>
      </Tooltip>
      {opened && <PanelExportDialog source={source} onClose={() => setOpened(false)} />}
    </>
  );
}
