/** The colours of one scheme. Data colours are Okabe and Ito's, which stay apart for colour-blind readers. */
export interface Palette {
  /** Behind everything. */
  ground: string;
  /** Panels. */
  surface: string;
  /** Wells inside panels: picture mounts, table heads. */
  sunken: string;
  /** Under the pointer, and where one is. */
  hover: string;
  line: string;
  lineStrong: string;
  ink: string;
  inkSoft: string;
  inkFaint: string;
  link: string;
  /** The backdoor fires: ASR, outcome TARGET. */
  asr: string;
  asrText: string;
  /** The answer is right: clean accuracy, outcome TRUTH. */
  right: string;
  rightText: string;
  /** Neither: outcome OTHER. */
  other: string;
  otherText: string;
  /** The benign model's dotted line: black in the paper. */
  baseline: string;
  good: string;
  bad: string;
  /** The box around a trigger, on pictures that are the same in both schemes. */
  box: string;
}

export const light: Palette = {
  ground: '#f6f6f3',
  surface: '#ffffff',
  sunken: '#f1f1ed',
  hover: '#ebebe6',
  line: '#e2e2dc',
  lineStrong: '#c4c4bc',
  ink: '#191b1e',
  inkSoft: '#474b51',
  inkFaint: '#666a71',
  link: '#005f96',
  asr: '#d55e00',
  asrText: '#ad4c00',
  right: '#0072b2',
  rightText: '#00649d',
  other: '#b5598c',
  otherText: '#99447a',
  baseline: '#000000',
  good: '#00795a',
  bad: '#b3261e',
  box: '#f0e442',
};

export const dark: Palette = {
  ground: '#101214',
  surface: '#17191c',
  sunken: '#0d0f10',
  hover: '#1e2124',
  line: '#2a2d31',
  lineStrong: '#474c52',
  ink: '#ececea',
  inkSoft: '#b7babe',
  inkFaint: '#92969c',
  link: '#7cc4ee',
  asr: '#f07f32',
  asrText: '#f59350',
  right: '#56b4e9',
  rightText: '#6fc0ee',
  other: '#d98ab6',
  otherText: '#e09cc2',
  baseline: '#f4f4f2',
  good: '#35c497',
  bad: '#ff8f85',
  box: '#f0e442',
};

export const palettes = { light, dark };
