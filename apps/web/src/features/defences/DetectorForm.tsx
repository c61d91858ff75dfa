import { Select, Stack } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { type FormEvent, useState } from 'react';
import { useQuery } from 'urql';
import { EstimateLine } from '../../controls/EstimateLine';
import { FormEnd } from '../../controls/FormEnd';
import { ParameterFields } from '../../controls/ParameterFields';
import { allFit, namesIn, type ParameterSchema, type Parameters } from '../../controls/schema';
import { UserErrorFields } from '../../graphql/fragments';
import { graphql, type ResultOf, type VariablesOf } from '../../graphql/graphql';
import { errorsByField, useChange } from '../../graphql/useChange';
import { useRefusal } from '../../session/viewer';
import { ModelSelect } from '../models/ModelSelect';

export const DetectorChoices = graphql(`
  query DetectorChoices {
    catalog {
      detectors {
        id
        title
        description
        parameters
      }
      detectionParameters
    }
  }
`);

const RunDetector = graphql(
  `
  mutation RunDetector($input: RunDetectorInput!) {
    runDetector(input: $input) {
      detection {
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
type Input = VariablesOf<typeof RunDetector>['input'];

const EstimateQuery = graphql(`
  query DetectionEstimate($modelId: ID!, $detector: DetectorInput!, $samples: Int!) {
    estimateDetection(modelId: $modelId, detector: $detector, samples: $samples) {
      seconds
      basis
    }
  }
`);

interface DetectorFormProps {
  catalog: ResultOf<typeof DetectorChoices>['catalog'];
  modelId: string | null;
}

/** Asks for the trial of a detector on a model; how far it is, the page shows. */
export function DetectorForm({ catalog, modelId }: DetectorFormProps) {
  const { run, busy, errors } = useChange(RunDetector);
  const refusal = useRefusal();
  const [model, setModel] = useState(modelId);
  const [id, setId] = useState<string>(catalog.detectors[0]!.id);
  const [own, setOwn] = useState<Parameters>({});
  const [common, setCommon] = useState<Parameters>({});
  const detector = catalog.detectors.find((one) => one.id === id)!;
  const schema = catalog.detectionParameters as ParameterSchema;
  const fits = model !== null && allFit(detector.parameters, own) && allFit(schema, common);
  const refusals = errorsByField(errors, ['modelId', ...namesIn(detector.parameters), ...namesIn(schema)]);
  const asked = { [id]: own } as Input['detector'];
  const samples = common.samples ?? schema.properties?.samples?.default;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (refusal || !fits) return;
    run({ input: { modelId: model, detector: asked, ...common } });
  };
  return (
    <form onSubmit={submit} noValidate aria-label="Run a detector">
      <Stack gap="md">
        <ModelSelect
          label="Model"
          placeholder="A trained trojaned model"
          filter={{ kind: 'TROJANED', status: ['SUCCEEDED'] }}
          value={model}
          onChange={setModel}
          error={refusals.modelId}
        />
        <Select
          label="Detector"
          description={detector.description}
          data={catalog.detectors.map(({ id, title }) => ({ value: id, label: title }))}
          value={id}
          onChange={(chosen) => {
            if (!chosen) return;
            setId(chosen);
            setOwn({});
          }}
          allowDeselect={false}
        />
        <ParameterFields schema={detector.parameters} values={own} onChange={setOwn} errors={errors} />
        <ParameterFields schema={schema} values={common} onChange={setCommon} errors={errors} />
        <FormEnd action="Run the detector" fits={fits} busy={busy} errors={refusals.elsewhere}>
          <EstimateLine estimate={useDetectionEstimate(model ?? '', asked, samples as number, fits)} />
        </FormEnd>
      </Stack>
    </form>
  );
}

/** A server has more to do than to answer every key. */
const PAUSE_MS = 250;

/** How long it would take, once the typing pauses. */
function useDetectionEstimate(modelId: string, detector: Input['detector'], samples: number, fits: boolean) {
  const asked = { modelId, detector, samples };
  const [settled] = useDebouncedValue(JSON.stringify(asked), PAUSE_MS);
  const [{ data }] = useQuery({
    query: EstimateQuery,
    variables: asked,
    pause: !fits || settled !== JSON.stringify(asked),
  });
  return data?.estimateDetection;
}
