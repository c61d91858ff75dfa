export const IDEMPOTENCY =
  'A key of your own choice: the same key again gives the same answer and starts nothing twice. With another input it is refused.';
