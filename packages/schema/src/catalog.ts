import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars';
import { Field, Float, Int, ObjectType } from 'type-graphql';
import { AttackId, DetectorId, StudyPresetId, TransformId } from './enums.js';
import { Image, Label, Paper } from './values.js';

@ObjectType({ description: 'A method of implanting a backdoor.' })
export class Attack {
  @Field(() => AttackId, { description: 'Its id.' })
  id!: keyof typeof AttackId;
  @Field(() => String, { description: 'Its name.' })
  title!: string;
  @Field(() => String, { description: 'What it does.' })
  description!: string;
  @Field(() => Paper, { description: 'Where it was published.' })
  paper!: Paper;
  @Field(() => GraphQLJSON, {
    description: 'JSON Schema of its parameters, with bounds, defaults, units and descriptions.',
  })
  parameters!: object;
  @Field(() => Boolean, { description: 'Whether its trigger can be transformed before it is put on.' })
  transformsTrigger!: boolean;
  @Field(() => String, { nullable: true, description: 'Why not, where it cannot.' })
  triggerRefusal!: string | null;
  @Field(() => Float, { description: 'The paper’s share of the training set to poison, 0 to 1.' })
  poisonRate!: number;
  @Field(() => Float, {
    description:
      'The paper’s covers for each poisoned image: images that get the trigger and keep their label.',
  })
  coverRatio!: number;
}

@ObjectType({ description: 'A method that tells trojaned images from clean ones while the model is in use.' })
export class Detector {
  @Field(() => DetectorId, { description: 'Its id.' })
  id!: keyof typeof DetectorId;
  @Field(() => String, { description: 'Its name.' })
  title!: string;
  @Field(() => String, { description: 'What it does.' })
  description!: string;
  @Field(() => Paper, { description: 'Where it was published.' })
  source!: Paper;
  @Field(() => GraphQLJSON, {
    description: 'JSON Schema of its parameters, with bounds, defaults, units and descriptions.',
  })
  parameters!: object;
  @Field(() => Boolean, {
    description: 'Whether a model’s labels are all it needs; else it takes the probabilities of the classes.',
  })
  labelsOnly!: boolean;
}

@ObjectType({ description: 'A method of explaining decisions.' })
export class Explainer {
  @Field(() => String, { description: 'Its id, as `ExplainerInput` has it.' })
  id!: string;
  @Field(() => String, { description: 'Its name.' })
  title!: string;
  @Field(() => String, { description: 'What it does.' })
  description!: string;
  @Field(() => Paper, { description: 'Where it was published.' })
  paper!: Paper;
  @Field(() => GraphQLJSON, {
    description: 'JSON Schema of its parameters, with bounds, defaults, units and descriptions.',
  })
  parameters!: object;
}

@ObjectType({ description: 'A transformation of trigger or image.' })
export class Transform {
  @Field(() => TransformId, { description: 'Its id.' })
  id!: keyof typeof TransformId;
  @Field(() => String, { description: 'Its name.' })
  title!: string;
  @Field(() => String, { description: 'What it does.' })
  description!: string;
  @Field(() => String, { description: 'What its value is called.' })
  valueName!: string;
  @Field(() => String, { description: 'Unit of its value.' })
  unit!: string;
  @Field(() => Float, { description: 'Smallest value.' })
  minimum!: number;
  @Field(() => Float, { description: 'Largest value.' })
  maximum!: number;
  @Field(() => Float, { description: 'The value that changes nothing.' })
  identity!: number;
  @Field(() => [Float], {
    description: 'Values worth a sweep, identity included; the paper’s for its three transforms.',
  })
  defaultValues!: readonly number[];
}

@ObjectType({ description: 'How much of a data set shows a class, and what it looks like.' })
export class ClassSummary {
  @Field(() => Label, { description: 'The class.' })
  label!: Label;
  @Field(() => Int, { description: 'Images to train on.' })
  trainCount!: number;
  @Field(() => Int, { description: 'Images to test with.' })
  testCount!: number;
  @Field(() => [Image], { description: 'Up to eight of its test images, spread over the split.' })
  examples!: Image[];
}

@ObjectType({ description: 'A file that an import left out.' })
export class SkippedFile {
  @Field(() => String, { description: 'Its path in the folder or archive.' })
  name!: string;
  @Field(() => String, { description: 'Why it cannot be read.' })
  reason!: string;
}

@ObjectType({ description: 'How a data set came here.' })
export class DatasetOrigin {
  @Field(() => String, { description: 'From what, in words.' })
  from!: string;
  @Field(() => GraphQLDateTime, { description: 'When.' })
  at!: Date;
  @Field(() => [SkippedFile], {
    description:
      'Files that were left out because they cannot be read, where the import was to leave them out.',
  })
  skipped!: SkippedFile[];
  @Field(() => [String], {
    description:
      'What else was left out or assumed, in sentences: litter of file systems and tools, a validation split, the encoding of names, an order of classes that others count otherwise.',
  })
  notes!: string[];
}

@ObjectType({ description: 'A labelled set of images.' })
export class Dataset {
  @Field(() => String, { description: 'Its id.' })
  id!: string;
  @Field(() => String, { description: 'Its name.' })
  title!: string;
  @Field(() => String, { description: 'What it holds.' })
  description!: string;
  @Field(() => Paper, { description: 'Where it comes from.' })
  source!: Paper;
  @Field(() => Int, { description: 'Pixels across.' })
  width!: number;
  @Field(() => Int, { description: 'Pixels down.' })
  height!: number;
  @Field(() => Int, { description: '1 for grey, 3 for RGB.' })
  channels!: number;
  @Field(() => [Label], { description: 'Its classes.' })
  classes!: Label[];
  @Field(() => String, {
    nullable: true,
    description:
      'How its classes got their numbers, where they are folders: `numeric`, 2 before 10; `codepoint`, 10 before 2, as torchvision’s ImageFolder has them; `listed`, as its manifest lists them. Null where the data set has numbers of its own.',
  })
  classOrder!: string | null;
  @Field(() => Int, {
    description: 'Images to train on; 0 where there are test images alone, on which no model can be trained.',
  })
  trainCount!: number;
  @Field(() => Int, { description: 'Images to test with.' })
  testCount!: number;
  @Field(() => Boolean, { description: 'Whether images can be resized to another square.' })
  resizable!: boolean;
  @Field(() => Boolean, {
    description: 'Whether its images are here; if not, `howToGet` tells what brings them.',
  })
  installed!: boolean;
  @Field(() => [String], {
    description:
      'Commands for a terminal on the server that bring its images, each a way of its own; empty where they come with trojanscope or were imported from a folder.',
  })
  howToGet!: readonly string[];
  @Field(() => DatasetOrigin, {
    nullable: true,
    description: 'How it came here; null where it comes with trojanscope or is not here.',
  })
  origin!: DatasetOrigin | null;
  @Field(() => [ClassSummary], {
    nullable: true,
    description: 'Its classes with their numbers and examples; null where its images are not here.',
  })
  classSummaries!: ClassSummary[] | null;
}

@ObjectType({ description: 'A network architecture.' })
export class Architecture {
  @Field(() => String, { description: 'Its id.' })
  id!: string;
  @Field(() => String, { description: 'Its name.' })
  title!: string;
  @Field(() => String, { description: 'Its layers in short.' })
  description!: string;
  @Field(() => Paper, { description: 'Where it was published.' })
  paper!: Paper;
  @Field(() => GraphQLJSON, {
    description: 'JSON Schema of how it is trained, with bounds, units, descriptions and its own defaults.',
  })
  recipe!: object;
  @Field(() => GraphQLJSON, {
    description: 'The same with its defaults for one that starts from another model’s weights.',
  })
  retrainingRecipe!: object;
}

@ObjectType({ description: 'A study that is ready to run.' })
export class StudyPreset {
  @Field(() => StudyPresetId, { description: 'Its id.' })
  id!: keyof typeof StudyPresetId;
  @Field(() => String, { description: 'Its name.' })
  title!: string;
  @Field(() => String, { description: 'What it runs.' })
  description!: string;
  @Field(() => GraphQLJSON, {
    description: 'JSON Schema of what of `RunStudyInput` changes something about it, with its own defaults.',
  })
  parameters!: object;
  @Field(() => String, { description: 'Its document, YAML, to be copied and changed.' })
  document!: string;
}

@ObjectType({ description: 'What there is to choose from.' })
export class Catalog {
  @Field(() => [Attack], { description: 'Attacks.' })
  attacks!: Attack[];
  @Field(() => [Attack], {
    description: 'Backdoors that come with an imported model and are not implanted here.',
  })
  importedAttacks!: Attack[];
  @Field(() => [Transform], { description: 'Transforms.' })
  transforms!: Transform[];
  @Field(() => [Detector], { description: 'Detectors.' })
  detectors!: Detector[];
  @Field(() => [Explainer], { description: 'Methods of explaining decisions.' })
  explainers!: Explainer[];
  @Field(() => [Dataset], { description: 'Data sets.' })
  datasets!: Dataset[];
  @Field(() => [Architecture], { description: 'Network architectures.' })
  architectures!: Architecture[];
  @Field(() => [StudyPreset], { description: 'Studies that are ready to run.' })
  studyPresets!: StudyPreset[];
  @Field(() => GraphQLJSON, {
    description: 'JSON Schema of what numbers a training takes, with bounds, units and defaults.',
  })
  trainingParameters!: object;
  @Field(() => GraphQLJSON, { description: 'The same of what an implant takes in addition.' })
  implantParameters!: object;
  @Field(() => GraphQLJSON, { description: 'The same of what a sweep takes.' })
  sweepParameters!: object;
  @Field(() => GraphQLJSON, { description: 'The same of what trying a detector takes.' })
  detectionParameters!: object;
  @Field(() => GraphQLJSON, { description: 'The same of what SmoothGrad takes.' })
  smoothGradParameters!: object;
}
