import { type Attribute, nodeBackend, tf } from '../lib/backend.js';

/**
 * Images as they are after being saved as a JPEG file and read again, by TensorFlow's libjpeg: 4:2:0, accurate DCT,
 * smooth upsampling, which are Pillow's and most cameras' settings.
 * @param images [n,h,w,1 or 3] in [0,1]
 * @param quality a whole number, 1..100
 * @returns [n,h,w,c], whole 8-bit levels
 */
export function throughJpeg(images: tf.Tensor4D, quality: number): tf.Tensor4D {
  const backend = nodeBackend();
  const { binding } = backend;
  const attribute = (name: string, type: string, value: unknown): Attribute => ({
    name,
    type: binding[`TF_ATTR_${type}`]!,
    value,
  });
  const type = (name: string, value: 'FLOAT' | 'UINT8') => attribute(name, 'TYPE', binding[`TF_${value}`]);
  const [count, , , channels] = images.shape;
  return tf.tidy(() => {
    const levels = tf.round(tf.mul(images, 255));
    // tfjs takes bytes for int32, which only their name is: from here on kernels are called by their own types.
    const bytes = backend.executeSingleOutput(
      'Cast',
      [type('SrcT', 'FLOAT'), type('DstT', 'UINT8')],
      [levels],
    );
    const stack = [type('T', 'UINT8'), attribute('axis', 'INT', 0)];
    const each = backend.executeMultipleOutputs(
      'Unpack',
      [...stack, attribute('num', 'INT', count)],
      [bytes],
      count,
    );
    const back = each.map((image) => {
      const file = backend.executeSingleOutput(
        'EncodeJpeg',
        [attribute('quality', 'INT', quality), attribute('chroma_downsampling', 'BOOL', true)],
        [image],
      );
      return backend.executeSingleOutput(
        'DecodeJpeg',
        [attribute('channels', 'INT', channels), attribute('dct_method', 'STRING', 'INTEGER_ACCURATE')],
        [file],
      );
    });
    const all = backend.executeSingleOutput('Pack', [...stack, attribute('N', 'INT', count)], back);
    const floats = backend.executeSingleOutput('Cast', [type('SrcT', 'UINT8'), type('DstT', 'FLOAT')], [all]);
    return tf.div(floats, 255) as tf.Tensor4D;
  });
}
