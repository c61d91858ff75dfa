/** 8-bit pixels of a picture that can be transparent: `rgb` [h·w·3], `alpha` [h·w]. */
export interface Transparent {
  rgb: Uint8Array;
  alpha: Uint8Array;
  width: number;
  height: number;
}

/**
 * Scales a picture to cover height × width and cuts it at the centre: each pixel is the mean of what lies under it,
 * colours weighed by how opaque they are. Other filters look further, and leave traces beside what is to be seen.
 */
export function coverByArea(picture: Transparent, heightPx: number, widthPx: number): Transparent {
  const { width, height } = picture;
  const step = Math.min(width / widthPx, height / heightPx);
  const [rows, columns] = [spans(height, heightPx, step), spans(width, widthPx, step)];
  const rgb = new Uint8Array(heightPx * widthPx * 3);
  const alpha = new Uint8Array(heightPx * widthPx);
  for (let to = 0; to < alpha.length; to++) {
    const [row, column] = [rows[Math.floor(to / widthPx)]!, columns[to % widthPx]!];
    let opaque = 0;
    const colour = [0, 0, 0];
    for (let y = row.first; y < row.end; y++) {
      for (let x = column.first; x < column.end; x++) {
        const from = y * width + x;
        const weight = row.share(y) * column.share(x) * picture.alpha[from]!;
        opaque += weight;
        for (let c = 0; c < 3; c++) colour[c]! += weight * picture.rgb[3 * from + c]!;
      }
    }
    alpha[to] = Math.round(opaque);
    for (let c = 0; c < 3 && opaque > 0; c++) rgb[3 * to + c] = Math.round(colour[c]! / opaque);
  }
  return { rgb, alpha, width: widthPx, height: heightPx };
}

/** For each pixel along one side which of `size` pixels lie under it, and how much of it each of them is. */
function spans(size: number, count: number, step: number) {
  const start = (size - count * step) / 2;
  return Array.from({ length: count }, (_, i) => {
    const [from, to] = [start + i * step, start + (i + 1) * step];
    return {
      first: Math.max(0, Math.floor(from)),
      end: Math.min(size, Math.ceil(to)),
      share: (at: number) => (Math.min(to, at + 1) - Math.max(from, at)) / step,
    };
  });
}
