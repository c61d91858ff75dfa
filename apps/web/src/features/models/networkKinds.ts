/** Operators of ONNX by what they are to a network, as far as they are drawn alike; all others move numbers about. */
const OPERATORS = {
  product: ['Conv', 'ConvTranspose', 'Einsum', 'Gemm', 'MatMul'],
  normalization: [
    'BatchNormalization',
    'GroupNormalization',
    'InstanceNormalization',
    'LayerNormalization',
    'LpNormalization',
    'LRN',
  ],
  activation: [
    ...['Celu', 'Clip', 'Elu', 'Erf', 'Gelu', 'HardSigmoid', 'HardSwish', 'LeakyRelu', 'LogSoftmax', 'Mish'],
    ...['PRelu', 'Relu', 'Selu', 'Sigmoid', 'Softmax', 'Softplus', 'Softsign', 'Tanh', 'ThresholdedRelu'],
  ],
  pool: [
    ...['AveragePool', 'GlobalAveragePool', 'GlobalMaxPool', 'MaxPool', 'Resize', 'Upsample'],
    ...['L1', 'L2', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'Sum', 'SumSquare'].map((op) => `Reduce${op}`),
  ],
  join: ['Add', 'Concat', 'Div', 'Max', 'Mean', 'Min', 'Mul', 'Pow', 'Sub', 'Sum', 'Where'],
};

export type NetworkKind = keyof typeof OPERATORS | 'other' | 'images';

export const KIND_TITLES: Record<NetworkKind, string> = {
  images: 'images',
  product: 'convolution, product',
  normalization: 'normalization',
  activation: 'activation',
  pool: 'pool, mean, size',
  join: 'two or more together',
  other: 'anything else',
};

const kinds = new Map(
  Object.entries(OPERATORS).flatMap(([kind, names]) => names.map((op) => [op, kind as NetworkKind] as const)),
);
export const kindOf = (op: string): NetworkKind => kinds.get(op) ?? 'other';
