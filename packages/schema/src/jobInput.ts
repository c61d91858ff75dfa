import { Field, ID, InputType } from 'type-graphql';
import { JobPriority } from './enums.js';

@InputType({ description: 'A job to cancel.' })
export class CancelJobInput {
  @Field(() => ID, { description: 'The job.' })
  jobId!: string;
}

@InputType({ description: 'A job to retry.' })
export class RetryJobInput {
  @Field(() => ID, { description: 'A failed or cancelled job.' })
  jobId!: string;
}

@InputType({ description: 'A priority for jobs.' })
export class SetPriorityInput {
  @Field(() => [ID], { description: 'Jobs of one’s own, 1 to 100; of anybody for admins.' })
  jobIds!: string[];
  @Field(() => JobPriority, { description: 'The priority.' })
  priority!: keyof typeof JobPriority;
}
