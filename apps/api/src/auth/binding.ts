import { lookup } from 'node:dns/promises';
import { BlockList, isIPv6 } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Why a server must not listen there; undefined where it may. */
export async function refusalToListen(host: string, authOn: boolean): Promise<string | undefined> {
  if (authOn || (await isLoopback(host))) return undefined;
  return `Expected an address that only this machine reaches, such as 127.0.0.1; got ${host || 'every address'}. Without accounts anyone who reaches the server may do everything. Turn them on: npm start -- --host ${host || '0.0.0.0'} --auth (docs/accounts.md).`;
}

/** A name is loopback if every address of it is. */
async function isLoopback(host: string): Promise<boolean> {
  // To Node no host is every address.
  if (host === '') return false;
  const addresses = await lookup(host, { all: true }).catch(() => []);
  return (
    addresses.length > 0 &&
    addresses.every(({ address }) => loopback.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'))
  );
}
