'use client';

import { useQuery } from 'urql';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { links } from '../../lib/links';
import { InternalLink } from '../../ui/InternalLink';
import { LoadError } from '../../ui/LoadError';
import { hydratedPage } from '../../ui/livePage';
import { PageHead } from '../../ui/PageHead';
import { PageSkeleton } from '../../ui/PageSkeleton';
import { Panel } from '../../ui/Panel';
import { Stack } from '../../ui/Stack';
import { UnknownId } from '../../ui/UnknownId';
import { useAddress } from '../../ui/useAddress';
import { ReportBlock, ReportBlockFields } from './ReportBlock';

const ReportQuery = graphql(
  `
  query ReportPage($id: ID!) {
    node(id: $id) {
      __typename
      ... on Study {
        id
        report {
          title
          missing
          verdicts {
            id
            verdict
          }
          sections {
            title
            blocks {
              ...ReportBlockFields
            }
          }
        }
      }
    }
  }
`,
  [ReportBlockFields],
);
type Study = Extract<ResultOf<typeof ReportQuery>['node'], { __typename: 'Study' }>;

export const ReportPage = hydratedPage(ReportOfAddress);

/** Computed anew when it is opened, not while it is read. */
function ReportOfAddress() {
  const id = useAddress().get('id') ?? '';
  const [{ data, error }, reload] = useQuery({ query: ReportQuery, variables: { id } });
  if (!data?.node && error) return <LoadError error={error} retry={reload} />;
  if (!data) return <PageSkeleton />;
  if (data.node?.__typename !== 'Study') return <UnknownId what="study" />;
  return <ReportView study={data.node} />;
}

function ReportView({ study: { id, report } }: { study: Study }) {
  const { title, sections, verdicts, missing } = report;
  const count = (wanted: string) => verdicts.filter(({ verdict }) => verdict === wanted).length;
  return (
    <>
      <PageHead
        title={`Report: ${title}`}
        facts={[
          `${count('HELD')} of the paper’s statements held, ${count('NOT_HELD')} not, ${count('UNDECIDED')} undecided`,
          missing.length > 0 ? `${missing.length} jobs missing` : 'complete',
          <a key="download" href={links.reportFile(id)} download>
            As one HTML file
          </a>,
          <InternalLink key="study" href={links.study(id)}>
            The study
          </InternalLink>,
        ]}
      />
      <Stack>
        {sections.map((section) => (
          <Panel key={section.title} title={section.title}>
            {section.blocks.map((block, index) => (
              <ReportBlock key={index} studyId={id} block={block} />
            ))}
          </Panel>
        ))}
      </Stack>
    </>
  );
}
