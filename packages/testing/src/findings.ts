/**
 * What a script measures and finds amiss. `check` notes what does not hold and tells whether it did; `end` prints the
 * figures and ends the process, with 1 where something was amiss.
 */
export function createFindings() {
  const failures: string[] = [];
  return {
    failures,
    check(holds: unknown, what: string): boolean {
      if (!holds) failures.push(what);
      return Boolean(holds);
    },
    end(rows: Record<string, unknown>, well: string): never {
      const width = Math.max(40, ...Object.keys(rows).map((name) => name.length + 2));
      console.log('');
      for (const [name, value] of Object.entries(rows)) console.log(`${name.padEnd(width)}${value}`);
      console.log(failures.length === 0 ? `\n${well}` : `\n${failures.length} FAILURES:`);
      for (const failure of failures.slice(0, 20)) console.log(`- ${failure}`);
      process.exit(failures.length === 0 ? 0 : 1);
    },
  };
}
