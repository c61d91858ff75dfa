import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Pids of running processes whose command line names `script`: all, or the children of `parent`. */
export const processesOf = (script: string, parent?: number): number[] =>
  running()
    .filter((process) => process.command.includes(script))
    .filter((process) => parent === undefined || process.parent === parent)
    .map(({ pid }) => pid);

interface Process {
  pid: number;
  parent: number;
  command: string;
}

/** Linux tells it without a program that a bare system may lack. */
const running = (): Process[] => (existsSync('/proc/self/stat') ? runningOnLinux() : runningByPs());

function runningOnLinux(): Process[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
      const [state, parent] = statOf(name);
      return state === 'Z' ? [] : [{ pid: Number(name), parent: Number(parent), command }];
    } catch {
      return []; // it ended meanwhile
    }
  });
}

/** State, parent and the rest: they follow the name, which stands in brackets and may hold anything. */
const statOf = (pid: number | string) =>
  readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');

function runningByPs(): Process[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return command && !state?.startsWith('Z') ? [{ pid: Number(pid), parent: Number(parent), command }] : [];
  });
}

/**
 * How long a process has computed, in ms, in steps of 10; where the system does not tell, the time of the clock. Unlike
 * the clock it does not run while others have the processor.
 */
export function computedMs(pid: number): number {
  if (!existsSync(`/proc/${pid}/stat`)) return performance.now();
  const fields = statOf(pid);
  return 10 * (Number(fields[11]) + Number(fields[12]));
}
