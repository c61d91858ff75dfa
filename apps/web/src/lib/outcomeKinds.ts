import type { OutcomeKind } from '../graphql/fragments';

interface KindWords {
  title: string;
  meaning: string;
}

/** The three answers a model can give to a trojaned image, in the order they are shown. */
export const outcomeKinds: Record<OutcomeKind, KindWords> = {
  TARGET: { title: 'Target', meaning: 'The backdoor fired: predicted as the attack’s target label.' },
  TRUTH: { title: 'Truth', meaning: 'The backdoor did not fire: predicted as the true label.' },
  OTHER: { title: 'Other', meaning: 'An error: neither the target nor the true label.' },
};
