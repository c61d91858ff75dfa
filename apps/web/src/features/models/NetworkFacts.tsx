import { Button } from '@mantine/core';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { count } from '../../format/count';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { Facts } from '../../ui/Facts';
import classes from './NetworkFacts.module.css';

/** Lays graphs out, which no page needs at once. */
const NetworkGraph = dynamic(() => import('./NetworkGraph').then(({ NetworkGraph }) => NetworkGraph));
/** More take longer to lay out than anybody waits. */
const MOST_DRAWN = 1_000;

export const NetworkFactsFields = graphql(`
  fragment NetworkFactsFields on Model {
    id
    name
    width
    height
    network {
      producer
      opset
      parameters
      multiplications
      channels
      softmax
      cropPx
      explains
      outputOrder
      batched
      operators {
        name
        count
      }
      nodes {
        op
        name
        shape
        parameters
        from
      }
      verified {
        images
        gradients
      }
      notes
    }
  }
`);
type Network = NonNullable<ResultOf<typeof NetworkFactsFields>['network']>;

/** A network that came as an ONNX file: what it is made of, what it takes, whether it answers as where it was made. */
export function NetworkFacts({ model }: { model: ResultOf<typeof NetworkFactsFields> }) {
  const { network } = model;
  const [drawn, setDrawn] = useState(false);
  if (!network) return null;
  const { verified, operators, nodes, outputOrder } = network;
  return (
    <>
      <Facts
        facts={[
          [
            'Verified',
            verified
              ? `its maker’s answers to ${count(verified.images)} images come out here, and the gradients of ${count(verified.gradients)}`
              : 'no: it came without its maker’s answers (probe.safetensors)',
          ],
          [
            'Takes',
            `${model.width}×${model.height} px, ${network.channels === 'grey' ? 'grey' : network.channels.toUpperCase()}${network.cropPx ? `, of which it sees the middle ${network.cropPx}×${network.cropPx}` : ''}`,
          ],
          ['Parameters', count(network.parameters)],
          ['Multiplications', `${count(network.multiplications)} for an image`],
          ['Operators', operators.map(({ name, count }) => `${count} ${name}`).join(', ')],
          ['Explained is', `${network.explains}${network.softmax ? ' before its softmax' : ''}`],
          ...(outputOrder ? [['Outputs of the labels', outputOrder.join(', ')] as const] : []),
          ...(network.batched ? [] : [['Images', 'one by one: the file is for one'] as const]),
          ['File', `${network.producer || 'unknown'}, opset ${network.opset}`],
        ]}
      />
      {network.notes.map((note) => (
        <p key={note} className={classes.words}>
          {note}
        </p>
      ))}
      {nodes.length <= MOST_DRAWN && (
        <p className={classes.words}>
          <Button variant="default" size="xs" onClick={() => setDrawn(true)}>
            Draw its graph
          </Button>
        </p>
      )}
      {drawn && <NetworkGraph modelId={model.id} name={model.name} onClose={() => setDrawn(false)} />}
      <details>
        <summary>Its {count(nodes.length)} nodes, in the order of their use</summary>
        <ol className={classes.nodes}>
          {nodes.map((node, place) => (
            <li key={place}>
              {node.op} {node.shape.join('×')}
              {node.parameters > 0 && `, ${count(node.parameters)} parameters`}
              {comesFrom(nodes, place)}
            </li>
          ))}
        </ol>
      </details>
    </>
  );
}

/** Where it is not the node before that it takes. */
function comesFrom(nodes: Network['nodes'], place: number): string {
  const { from } = nodes[place]!;
  if (`${from}` === `${place - 1}`) return '';
  return ` ← ${from.map((one) => (one < 0 ? 'images' : `${one + 1} ${nodes[one]!.op}`)).join(', ')}`;
}
