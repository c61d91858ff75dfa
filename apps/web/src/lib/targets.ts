import type { TransformTarget } from '../graphql/fragments';

/** What a sweep transforms, as a word in a sentence. */
export const targets: Record<TransformTarget, string> = { TRIGGER: 'trigger', IMAGE: 'image' };
