import { useState } from 'react';
import { UserErrorFields } from '../../graphql/fragments';
import { graphql, type VariablesOf } from '../../graphql/graphql';
import { useChange } from '../../graphql/useChange';
import { put } from './put';
import { sha256Of } from './sha256';

const CreateUpload = graphql(
  `
  mutation CreateUpload($input: CreateUploadInput!) {
    createUpload(input: $input) {
      created {
        url
        upload {
          id
        }
      }
      errors {
        ...UserErrorFields
      }
    }
  }
`,
  [UserErrorFields],
);
type Kind = VariablesOf<typeof CreateUpload>['input']['kind'];

/** As the server takes them. */
const LONGEST_NAME = 120;

export interface Sending {
  doing: 'reading' | 'sending';
  /** 0..1 */
  share: number;
}

/** Brings a file to the server: read once for its hash, announced, sent. */
export function useUpload(kind: Kind) {
  const announced = useChange(CreateUpload);
  const [sending, setSending] = useState<Sending | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  /** @returns the upload's id; undefined where it was refused */
  async function send(file: File): Promise<string | undefined> {
    setFailure(null);
    try {
      const sha256 = await sha256Of(file, (share) => setSending({ doing: 'reading', share }));
      const fileName = file.name.slice(-LONGEST_NAME);
      const made = await announced.run({ input: { kind, fileName, bytes: file.size, sha256 } });
      const created = made?.createUpload.created;
      if (!created) return undefined;
      await put(created.url, file, (share) => setSending({ doing: 'sending', share }));
      return created.upload.id;
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
      return undefined;
    } finally {
      setSending(null);
    }
  }
  return { send, sending, errors: [...announced.errors, ...(failure ? [{ message: failure }] : [])] };
}
