import { defineDataset } from './dataset.js';
import { installedFolder } from './installed.js';
import { loadPacked } from './packed.js';

/** Imported from its four files, as its authors publish them, by `data import fashion-mnist` (docs/data.md). */
export const fashionMnist = defineDataset({
  title: 'Fashion-MNIST',
  description:
    'Grey pictures of clothes, shoes and bags, laid out as MNIST: 60,000 images to train on, 10,000 to test.',
  source: {
    citation:
      'Xiao, H., Rasul, K., Vollgraf, R.: Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms (2017)',
    url: 'https://github.com/zalandoresearch/fashion-mnist',
  },
  shape: { height: 28, width: 28, channels: 1 },
  resizable: true,
  classNames: [
    'T-shirt/top',
    'trouser',
    'pullover',
    'dress',
    'coat',
    'sandal',
    'shirt',
    'sneaker',
    'bag',
    'ankle boot',
  ],
  counts: { train: 60_000, test: 10_000 },
  howToGet: [
    'apt install dataset-fashion-mnist && npm run trojanscope -- data import fashion-mnist',
    'npm run trojanscope -- data import fashion-mnist --from FOLDER_OR_ARCHIVE',
  ],
  load: async (split, shape) => loadPacked(installedFolder('fashion-mnist', fashionMnist), split, shape),
});
