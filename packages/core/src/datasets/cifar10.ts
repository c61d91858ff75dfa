import { defineDataset } from './dataset.js';
import { installedFolder } from './installed.js';
import { loadPacked } from './packed.js';

/** Imported from its official binary archive by `data import cifar-10` (docs/data.md). */
export const cifar10 = defineDataset({
  title: 'CIFAR-10',
  description: 'Small colour pictures of vehicles and animals: 50,000 images to train on, 10,000 to test.',
  source: {
    citation: 'Krizhevsky, A.: Learning Multiple Layers of Features from Tiny Images (2009)',
    url: 'https://www.cs.toronto.edu/~kriz/cifar.html',
  },
  shape: { height: 32, width: 32, channels: 3 },
  resizable: true,
  classNames: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
  counts: { train: 50_000, test: 10_000 },
  howToGet: ['npm run trojanscope -- data import cifar-10 --from cifar-10-binary.tar.gz'],
  load: async (split, shape) => loadPacked(installedFolder('cifar-10', cifar10), split, shape),
});
