import { useMutation } from 'urql';
import { UserErrorFields } from '../graphql/fragments';
import { graphql, type VariablesOf } from '../graphql/graphql';

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

/** Starts a study from a preset, and tells how that went. */
export function useRunStudy() {
  const [{ data, error, fetching }, run] = useMutation(RunStudy);
  return {
    run: (preset: Preset) => run({ input: { preset } }),
    starting: fetching,
    errors: [...(data?.runStudy.errors ?? []), ...(error ? [error] : [])],
  };
}
