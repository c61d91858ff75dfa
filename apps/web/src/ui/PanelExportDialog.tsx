import { Button, CopyButton, Modal, SegmentedControl } from '@mantine/core';
import { stringifyDocument } from '@urql/core';
import { useState } from 'react';
import { useQuery } from 'urql';
import { GRAPHQL_ADDRESS } from '../basePath';
import type { PanelSource } from '../export/panelSource';
import { pngOf, save, svgText } from '../export/save';
import { type Language, type Request, snippets } from '../export/snippets';
import { csv, latex } from '../export/table';
import { graphql } from '../graphql/graphql';
import classes from './PanelExportDialog.module.css';
import { UserErrorList } from './UserErrorList';

const WhoAsksQuery = graphql(`
  query WhoAsks {
    viewer {
      signedInBy
    }
  }
`);

/** What a panel can be taken away as. */
const formats = {
  csv: { title: 'CSV', meaning: 'the numbers, for a spreadsheet or pandas', needs: ['csv', 'table'] },
  json: { title: 'JSON', meaning: 'what the query answers, to the last digit', needs: null },
  svg: { title: 'SVG', meaning: 'the picture with legend and axes, for a paper', needs: ['picture'] },
  png: { title: 'PNG', meaning: 'the same picture at 2×, for slides', needs: ['picture'] },
  tex: { title: 'LaTeX', meaning: 'the numbers as a tabular', needs: ['table'] },
} as const;
type Format = keyof typeof formats;

/** The query behind a panel in four languages, and its contents as files. */
export function PanelExportDialog({ source, onClose }: { source: PanelSource; onClose: () => void }) {
  const [language, setLanguage] = useState<Language>('graphql');
  const [busy, setBusy] = useState<Format | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [{ data }] = useQuery({ query: WhoAsksQuery, variables: {}, requestPolicy: 'cache-first' });
  const request: Request = {
    query: stringifyDocument(source.query).trim(),
    variables: source.variables,
    address: location.origin + GRAPHQL_ADDRESS,
    signIn: data?.viewer != null && data.viewer.signedInBy !== 'LOCAL',
  };
  const snippet = snippets[language].write(request);
  const take = async (format: Format) => {
    setBusy(format);
    setFailure(null);
    try {
      save(`${source.name}.${format}`, await contentOf(format, source, request));
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(null);
    }
  };
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title="Query and downloads"
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <section aria-label="Download" className={classes.files}>
        {(Object.keys(formats) as Format[])
          .filter((format) => offers(source, format))
          .map((format) => (
            <div key={format} className={classes.file}>
              <Button
                variant="default"
                size="xs"
                loading={busy === format}
                onClick={() => take(format)}
                aria-label={`Download ${formats[format].title}`}
              >
                {formats[format].title}
              </Button>
              <span>{formats[format].meaning}</span>
            </div>
          ))}
      </section>
      {failure && <UserErrorList errors={[{ message: failure }]} />}
      <section aria-label="Query" className={classes.query}>
        <div className={classes.head}>
          <SegmentedControl
            size="xs"
            aria-label="Language"
            value={language}
            onChange={(value) => setLanguage(value as Language)}
            data={Object.entries(snippets).map(([value, { title }]) => ({ value, label: title }))}
          />
          <CopyButton value={snippet}>
            {({ copied, copy }) => (
              <Button variant="default" size="xs" onClick={copy}>
                {copied ? 'Copied' : 'Copy'}
              </Button>
            )}
          </CopyButton>
        </div>
        <section
          className={classes.snippet}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard
          tabIndex={0}
          aria-label={`The query as ${snippets[language].title}`}
        >
          <pre>{snippet}</pre>
        </section>
        {request.signIn && (
          <p className={classes.note}>
            Outside this page it needs an access token of yours, in the environment variable
            TROJANSCOPE_TOKEN. Settings makes one.
          </p>
        )}
      </section>
    </Modal>
  );
}

function offers(source: PanelSource, format: Format): boolean {
  const { needs } = formats[format];
  return needs === null || needs.some((part) => source[part] !== undefined);
}

async function contentOf(format: Format, source: PanelSource, request: Request): Promise<Blob> {
  const { table, picture } = source;
  switch (format) {
    case 'csv':
      return source.csv ? fileAt(source.csv) : new Blob([csv(table!())], { type: 'text/csv' });
    case 'tex':
      return new Blob([latex(table!())], { type: 'application/x-tex' });
    case 'svg':
      return new Blob([svgText(await picture!())], { type: 'image/svg+xml' });
    case 'png':
      return pngOf(await picture!());
    case 'json':
      return new Blob([`${JSON.stringify(await answerTo(request), null, 2)}\n`], {
        type: 'application/json',
      });
  }
}

async function fileAt(address: string): Promise<Blob> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`The server answered ${response.status} for ${address}.`);
  return response.blob();
}

/** Asked as the snippets ask, so that the file is what they print. */
async function answerTo({ query, variables }: Request): Promise<unknown> {
  const response = await fetch(GRAPHQL_ADDRESS, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data?: unknown; errors?: { message: string }[] };
  if (errors?.length) throw new Error(errors.map(({ message }) => message).join(' '));
  return data;
}
