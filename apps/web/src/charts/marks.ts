/** What charts use of Observable Plot: named, so that the rest of it is left out of the page. */
export {
  areaY,
  axisX,
  axisY,
  cell,
  dot,
  gridY,
  line,
  lineY,
  plot,
  ruleX,
  ruleY,
  text,
} from '@observablehq/plot';
