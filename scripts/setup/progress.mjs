const FRAMES = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';

/** One line per running step: live on a terminal, else a line when it begins, now and then, and at its end. */
export function showProgress(out) {
  const running = new Set();
  const startedAt = Date.now();
  const live = out.isTTY;
  let drawn = 0;
  let begun = false;

  const seconds = (line) => `${Math.round((Date.now() - line.startedAt) / 1000)} s`;
  const describe = (line) => [line.title, line.detail, seconds(line)].filter(Boolean).join(' · ');
  const width = () => out.columns || 80;
  const fit = (text) => (text.length < width() ? text : `${text.slice(0, width() - 2)}…`);

  function draw(printed = '') {
    const frame = FRAMES[Math.floor(Date.now() / 100) % FRAMES.length];
    const lines = [...running].map((line) => fit(`${frame} ${describe(line)}`));
    const back = drawn > 0 ? `\x1b[${drawn}A` : '';
    out.write(`${back}\x1b[0J${printed}${lines.map((line) => `${line}\n`).join('')}`);
    drawn = lines.length;
  }

  const print = (text) => (live ? draw(`${text}\n`) : out.write(`${text}\n`));
  const timer = live
    ? setInterval(draw, 100)
    : setInterval(() => {
        for (const line of running) print(`  ${describe(line)}`);
      }, 20_000);

  return {
    print,
    begin(title) {
      const line = { title, detail: '', startedAt: Date.now() };
      running.add(line);
      begun = true;
      if (!live) print(`  ${title} …`);
      return {
        report: (detail) => {
          line.detail = detail;
        },
        end: (mark) => {
          running.delete(line);
          print(`${mark} ${line.title} · ${seconds(line)}`);
        },
      };
    },
    stop(took) {
      clearInterval(timer);
      if (took && begun) print(`  ${took} ${seconds({ startedAt })}.`);
    },
  };
}
