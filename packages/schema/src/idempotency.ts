import { z } from 'zod';

const IDEMPOTENCY =
  'A key of your own choice: the same key again gives the same answer and starts nothing twice. With another input it is refused.';

/** Of every input that starts work. */
export const idempotent = { idempotencyKey: z.string().min(1).max(200).optional().describe(IDEMPOTENCY) };
