import type { Files } from './folder.js';
import { zipOf } from './zip.js';

const HEADER = 'Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId';

/** A PPM all of one level. */
export const ppm = (width: number, height: number, level: number): Buffer =>
  Buffer.concat([Buffer.from(`P6\n${width} ${height}\n255\n`), Buffer.alloc(width * height * 3, level)]);

export const csv = (rows: [name: string, width: number, height: number, classId: number][]): string =>
  [
    HEADER,
    ...rows.map(([name, width, height, label]) => `${name};${width};${height};1;1;2;2;${label}`),
    '',
  ].join('\r\n');

/**
 * The contents of the three archives with three images to train (2 of class 0, 1 of class 1) and two to test (one
 * each), every image of another size, each all of one level: 10, 11, 20 and 30, 31.
 */
export function smallGtsrb() {
  const train = 'GTSRB/Final_Training/Images';
  const test = 'GTSRB/Final_Test/Images';
  return {
    training: {
      [`${train}/00001/00000_00000.ppm`]: ppm(4, 2, 20),
      [`${train}/00001/GT-00001.csv`]: csv([['00000_00000.ppm', 4, 2, 1]]),
      [`${train}/00000/00000_00001.ppm`]: ppm(2, 3, 11),
      [`${train}/00000/00000_00000.ppm`]: ppm(3, 3, 10),
      [`${train}/00000/GT-00000.csv`]: csv([
        ['00000_00000.ppm', 3, 3, 0],
        ['00000_00001.ppm', 2, 3, 0],
      ]),
    },
    testImages: {
      [`${test}/00001.ppm`]: ppm(5, 1, 31),
      [`${test}/00000.ppm`]: ppm(1, 5, 30),
      [`${test}/GT-final_test.test.csv`]: 'Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2\r\n',
    },
    testTruth: {
      'GT-final_test.csv': csv([
        ['00000.ppm', 1, 5, 1],
        ['00001.ppm', 5, 1, 0],
      ]),
    },
  };
}

export const SMALL_COUNTS = { train: [2, 1], test: [1, 1] };

export const zipped = (files: Files): Buffer =>
  zipOf(Object.entries(files).map(([name, content]) => ({ name, content })));

/** The archives under their official names. */
export const archivesOf = ({ training = {}, testImages = {}, testTruth = {} }: Record<string, Files>) => ({
  'GTSRB_Final_Training_Images.zip': zipped(training),
  'GTSRB_Final_Test_Images.zip': zipped(testImages),
  'GTSRB_Final_Test_GT.zip': zipped(testTruth),
});

/** The same images as Kaggle has them: PNG, with commas, the class in front of each name, and once more in small letters. */
export function kaggleGtsrb(image: (width: number, height: number, level: number) => Uint8Array): Files {
  type Row = [path: string, width: number, height: number, level: number, label: number];
  const line = (...cells: (string | number)[]) => cells.join(',');
  const header = 'Width,Height,Roi.X1,Roi.Y1,Roi.X2,Roi.Y2,ClassId,Path';
  const train: Row[] = [
    ['Train/1/00001_00000_00000.png', 4, 2, 20, 1],
    ['Train/0/00000_00000_00001.png', 2, 3, 11, 0],
    ['Train/0/00000_00000_00000.png', 3, 3, 10, 0],
  ];
  const test: Row[] = [
    ['Test/00000.png', 1, 5, 30, 1],
    ['Test/00001.png', 5, 1, 31, 0],
  ];
  const images = [...train, ...test].map(
    ([path, width, height, level]) => [path, image(width, height, level)] as const,
  );
  const csv = (rows: Row[]) =>
    [header, ...rows.map(([path, w, h, , label]) => line(w, h, 1, 1, 2, 2, label, path)), ''].join('\n');
  return {
    'Meta.csv': 'Path,ClassId\n',
    'Meta/0.png': image(1, 1, 0),
    'Train.csv': csv(train),
    'Test.csv': csv(test),
    ...Object.fromEntries(images),
    ...Object.fromEntries(images.map(([path, content]) => [path.toLowerCase(), content])),
  };
}
