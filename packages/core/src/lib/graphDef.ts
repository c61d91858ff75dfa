import protobuf from 'protobufjs';

/**
 * The dozen messages of TensorFlow's protocol buffers that a saved graph needs, with their field numbers
 * (tensorflow/core/protobuf/saved_model.proto, meta_graph.proto and tensorflow/core/framework/*.proto).
 */
const { root } = protobuf.parse(
  `
  syntax = "proto3";
  message SavedModel { int64 schema_version = 1; repeated MetaGraph meta_graphs = 2; }
  message MetaGraph { MetaInfo info = 1; GraphDef graph = 2; map<string, Signature> signatures = 5; }
  message MetaInfo { repeated string tags = 4; string tensorflow_version = 5; }
  message GraphDef { repeated NodeDef node = 1; Versions versions = 4; }
  message Versions { int32 producer = 1; int32 min_consumer = 2; }
  message NodeDef { string name = 1; string op = 2; repeated string input = 3; map<string, AttrValue> attr = 5; }
  message AttrValue {
    oneof value { ListValue list = 1; bytes s = 2; int64 i = 3; float f = 4; bool b = 5; int32 type = 6;
                  Shape shape = 7; TensorProto tensor = 8; }
  }
  message ListValue { repeated bytes s = 2; repeated int64 i = 3; repeated float f = 4; repeated int32 type = 6; }
  message Shape { repeated Dim dim = 2; }
  message Dim { int64 size = 1; }
  message TensorProto { int32 dtype = 1; Shape shape = 2; bytes content = 4; }
  message Signature { map<string, Info> inputs = 1; map<string, Info> outputs = 2; string method = 3; }
  message Info { string name = 1; int32 dtype = 2; Shape shape = 3; }
  `,
  { keepCase: true },
);
const SavedModel = root.lookupType('SavedModel');

export interface AttrValue {
  list?: { s?: Uint8Array[]; i?: number[]; f?: number[]; type?: number[] };
  s?: Uint8Array;
  i?: number;
  f?: number;
  b?: boolean;
  type?: number;
  shape?: Shape;
  tensor?: { dtype: number; shape: Shape; content: Uint8Array };
}
export interface Shape {
  dim: { size: number }[];
}
export interface NodeDef {
  name: string;
  op: string;
  input: string[];
  attr: Record<string, AttrValue>;
}
export interface Endpoint {
  name: string;
  dtype: number;
  shape: Shape;
}

export const shapeOf = (sizes: readonly number[]): Shape => ({ dim: sizes.map((size) => ({ size })) });

/** The bytes of a `saved_model.pb` that holds one graph with one signature. */
export function encodeSavedModel(
  node: NodeDef[],
  inputs: Endpoint[],
  outputs: Endpoint[],
  tag: string,
): Uint8Array {
  const named = (endpoints: Endpoint[]) =>
    Object.fromEntries(endpoints.map((e) => [e.name.split(':')[0], e]));
  const message = {
    schema_version: 1,
    meta_graphs: [
      {
        info: { tags: [tag], tensorflow_version: '2.21.0' },
        graph: { node, versions: { producer: 1882 } },
        signatures: {
          serving_default: {
            inputs: named(inputs),
            outputs: named(outputs),
            method: 'tensorflow/serving/predict',
          },
        },
      },
    ],
  };
  return SavedModel.encode(SavedModel.fromObject(message)).finish();
}
