import { PLUGIN_KINDS, type PluginKind } from '@trojanscope/core/definitions';
import { Field, ObjectType } from 'type-graphql';

const kinds = Object.keys(PLUGIN_KINDS)
  .map((kind) => `\`${kind}\``)
  .join(', ');

@ObjectType({ description: 'A definition of a plugin’s that something was made with.' })
export class PluginUse {
  @Field(() => String, { description: `What it defines: one of ${kinds}.` })
  kind!: PluginKind;
  @Field(() => String, { description: 'Its id.' })
  id!: string;
  @Field(() => String, { description: 'Its name.' })
  title!: string;
  @Field(() => String, { description: 'The plugin, as its file is called.' })
  file!: string;
  @Field(() => String, {
    description: 'SHA-256 of the plugin with what it may import, as it was then: of another, another.',
  })
  sha256!: string;
}

@ObjectType({ description: 'What a plugin defines.' })
export class PluginDefinition {
  @Field(() => String, { description: `One of ${kinds}.` })
  kind!: PluginKind;
  @Field(() => String, { description: 'Its id.' })
  id!: string;
  @Field(() => String, { description: 'Its name.' })
  title!: string;
  @Field(() => String, { nullable: true, description: 'Why it is left out; null where it is there.' })
  error!: string | null;
}

@ObjectType({ description: 'A module of the folder that the server was started with (docs/plugins.md).' })
export class Plugin {
  @Field(() => String, { description: 'The name of its file.' })
  file!: string;
  @Field(() => String, {
    description: 'SHA-256 of it with what it may import; empty where it cannot be read.',
  })
  sha256!: string;
  @Field(() => String, { nullable: true, description: 'Why all of it is left out; null where it is not.' })
  error!: string | null;
  @Field(() => [PluginDefinition], { description: 'What it defines.' })
  definitions!: PluginDefinition[];
}
