import { type Attribute, nodeBackend, tf } from '../../lib/backend.js';

/** What the two networks of a CycleGAN are built of, each with its gradient. */

const FLOAT32 = (): Attribute => {
  const { binding } = nodeBackend();
  return { name: 'T', type: binding.TF_ATTR_TYPE!, value: binding.TF_FLOAT };
};

/**
 * Instance normalisation (Ulyanov et al. 2016, arXiv:1607.08022): each channel of each image to mean 0 and variance 1,
 * without learnt scale and offset, as in CycleGAN. The gradient is the closed formula rather than that of every single
 * step; the batch normalisation kernel, image by image, took four times as long.
 * @param x [n,h,w,c]
 */
export function instanceNorm(x: tf.Tensor4D, epsilon = 1e-5): tf.Tensor4D {
  const mean = (values: tf.Tensor) => tf.mean(values, [1, 2], true);
  const op = tf.customGrad((x, save) => {
    const centred = tf.sub(x as tf.Tensor, mean(x as tf.Tensor));
    const scale = tf.rsqrt(tf.add(mean(tf.square(centred)), epsilon));
    const y = tf.mul(centred, scale);
    (save as tf.GradSaveFunc)([y, scale]);
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [y, scale] = saved as [tf.Tensor, tf.Tensor];
        return tf.mul(scale, tf.sub(dy, tf.add(mean(dy), tf.mul(y, mean(tf.mul(dy, y))))));
      },
    };
  });
  return op(x) as tf.Tensor4D;
}

/**
 * Mirrors the images at their borders, the outermost pixels not repeated. tfjs has this without a gradient only.
 * @param x [n,h,w,c], h and w greater than `pad`
 * @returns [n,h+2·pad,w+2·pad,c]
 */
export function reflectPad(x: tf.Tensor4D, pad: number): tf.Tensor4D {
  const backend = nodeBackend();
  const { binding } = backend;
  const attributes = [
    FLOAT32(),
    { name: 'Tpaddings', type: binding.TF_ATTR_TYPE!, value: binding.TF_INT32 },
    { name: 'mode', type: binding.TF_ATTR_STRING!, value: 'REFLECT' },
  ];
  const sides = () => tf.tensor2d([0, 0, pad, pad, pad, pad, 0, 0], [4, 2], 'int32');
  const op = tf.customGrad((x) => ({
    value: backend.executeSingleOutput('MirrorPad', attributes, [x as tf.Tensor, sides()]),
    gradFunc: (dy: tf.Tensor) => backend.executeSingleOutput('MirrorPadGrad', attributes, [dy, sides()]),
  }));
  return op(x) as tf.Tensor4D;
}

/** x where positive, else `slope`·x. */
export function leakyRelu<T extends tf.Tensor>(x: T, slope = 0.2): T {
  const backend = nodeBackend();
  const alpha = { name: 'alpha', type: backend.binding.TF_ATTR_FLOAT!, value: slope };
  const op = tf.customGrad((x, save) => {
    (save as tf.GradSaveFunc)([x as tf.Tensor]);
    return {
      value: backend.executeSingleOutput('LeakyRelu', [FLOAT32(), alpha], [x as tf.Tensor]),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        backend.executeSingleOutput('LeakyReluGrad', [FLOAT32(), alpha], [dy, saved[0]!]),
    };
  });
  return op(x) as T;
}

/**
 * Twice the height and width, bilinear: transposed convolutions and repeated pixels leave a grid. tfjs's gradient of it
 * takes pixels for points at their corners, even where the resizing took them for squares.
 * @param x [n,h,w,c]
 * @returns [n,2h,2w,c]
 */
export function enlarge(x: tf.Tensor4D): tf.Tensor4D {
  const backend = nodeBackend();
  const { binding } = backend;
  const attributes = [
    FLOAT32(),
    { name: 'align_corners', type: binding.TF_ATTR_BOOL!, value: false },
    { name: 'half_pixel_centers', type: binding.TF_ATTR_BOOL!, value: true },
  ];
  const sides = tf.tensor1d([2 * x.shape[1], 2 * x.shape[2]], 'int32');
  const op = tf.customGrad((x, save) => {
    (save as tf.GradSaveFunc)([x as tf.Tensor]);
    return {
      value: backend.executeSingleOutput('ResizeBilinear', attributes, [x as tf.Tensor, sides]),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        backend.executeSingleOutput('ResizeBilinearGrad', attributes, [dy, saved[0]!]),
    };
  });
  return op(x) as tf.Tensor4D;
}
