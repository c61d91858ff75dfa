import { useRouter } from 'next/navigation';
import { UserErrorFields } from '../../graphql/fragments';
import { graphql, type VariablesOf } from '../../graphql/graphql';
import { useChange } from '../../graphql/useChange';
import { links } from '../../lib/links';

const RunStudy = graphql(
  `
  mutation RunStudy($input: RunStudyInput!) {
    runStudy(input: $input) {
      study {
        id
      }
      errors {
        ...UserErrorFields
      }
    }
  }
`,
  [UserErrorFields],
);

type Preset = VariablesOf<typeof RunStudy>['input']['preset'];

/** Starts a study from a preset, and goes where it can be watched. */
export function useRunStudy() {
  const router = useRouter();
  const { run, busy, errors } = useChange(RunStudy);
  return {
    run: async (preset: Preset) => {
      const study = (await run({ input: { preset } }))?.runStudy.study;
      if (study) router.push(links.study(study.id));
    },
    starting: busy,
    errors,
  };
}
