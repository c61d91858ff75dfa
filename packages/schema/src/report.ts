import { Field, ObjectType } from 'type-graphql';
import { ReportBlockKind, Verdict } from './enums.js';

@ObjectType({ description: 'A piece of a report: a text, a table or a picture, as `kind` says.' })
export class ReportBlock {
  @Field(() => ReportBlockKind, { description: 'What it is.' })
  kind!: keyof typeof ReportBlockKind;
  @Field(() => String, { description: 'The text, or the caption of table or picture.' })
  text!: string;
  @Field(() => [String], { description: 'Of a table; empty otherwise.' })
  columns!: readonly string[];
  @Field(() => [[String]], { description: 'Of a table, a cell for each column; empty otherwise.' })
  rows!: readonly (readonly string[])[];
  @Field(() => String, { nullable: true, description: 'The picture as a `data:` address, SVG or PNG.' })
  picture!: string | null;
}

@ObjectType({ description: 'A titled part of a report.' })
export class ReportSection {
  @Field(() => String, { description: 'Its title.' })
  title!: string;
  @Field(() => [ReportBlock], { description: 'What it holds, in order.' })
  blocks!: ReportBlock[];
}

@ObjectType({ description: 'What a statement of the paper comes to for one model, or one pair of them.' })
export class Finding {
  @Field(() => String, { description: 'Of which, e.g. `BadNets on MNIST`.' })
  of!: string;
  @Field(() => Verdict, { description: 'Whether it holds there.' })
  verdict!: keyof typeof Verdict;
  @Field(() => String, { description: 'The numbers that decide it.' })
  evidence!: string;
}

@ObjectType({ description: 'A statement of the paper, decided by a stated rule over a study’s data.' })
export class JudgedStatement {
  @Field(() => String, { description: 'Its id, the same in every report.' })
  id!: string;
  @Field(() => String, { description: 'Where the paper says it.' })
  where!: string;
  @Field(() => String, { description: 'What it says.' })
  text!: string;
  @Field(() => String, { description: 'By which rule it is decided.' })
  rule!: string;
  @Field(() => Verdict, { description: 'Whether it holds in every finding.' })
  verdict!: keyof typeof Verdict;
  @Field(() => [Finding], { description: 'For each model or pair; empty without data.' })
  findings!: Finding[];
}

@ObjectType({
  description: 'What a study comes to, beside the paper: computed from what is there when it is asked for.',
})
export class StudyReport {
  @Field(() => String, { description: 'Its title.' })
  title!: string;
  @Field(() => [ReportSection], { description: 'The report as one reads it.' })
  sections!: ReportSection[];
  @Field(() => [JudgedStatement], { description: 'The paper’s statements with their verdicts.' })
  verdicts!: JudgedStatement[];
  @Field(() => [String], { description: 'Jobs that are not done, in words; empty where it is complete.' })
  missing!: readonly string[];
}
