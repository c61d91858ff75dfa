import { type RoleName, startShared } from '@trojanscope/testing/sharedServer';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** Views under a name: one's own, and what others share. */

let shared: Awaited<ReturnType<typeof startShared>>;
let ann: Record<string, string>;
let bob: Record<string, string>;
let admin: Record<string, string>;
beforeAll(async () => {
  shared = await startShared();
  const headers = async (name: string, role: RoleName) =>
    (await shared.issue(await shared.add(name, role), 'TOKEN')).headers as Record<string, string>;
  [ann, bob, admin] = [
    await headers('ann', 'VIEWER'),
    await headers('bob', 'RUNNER'),
    await headers('admin', 'ADMIN'),
  ];
});
afterAll(() => shared?.stop());

const FIELDS = 'view { id name address shared createdBy { name } }';
const save = (input: object, headers: Record<string, string>) =>
  shared.mutate('saveView', input, FIELDS, headers);
const remove = (viewId: string, headers: Record<string, string>) =>
  shared.mutate('deleteView', { viewId }, FIELDS, headers);
const seenBy = async (headers: Record<string, string>): Promise<string[]> =>
  (
    await shared.ask('{ savedViews(first: 100) { nodes { name } } }', {}, headers)
  ).body.data.savedViews.nodes.map(({ name }: { name: string }) => name);

test('a view is its saver’s until it is shared; only they change it, an admin may take it away', async () => {
  const { view } = await save({ name: 'Failing', address: '/models?tag=fails&order=asr' }, ann);
  expect(view).toEqual({
    id: expect.stringMatching(/^vie_/),
    name: 'Failing',
    address: '/models?tag=fails&order=asr',
    shared: false,
    createdBy: { name: 'ann' },
  });
  expect(await seenBy(ann)).toEqual(['Failing']);
  expect(await seenBy(bob)).toEqual([]);
  const node = `{ node(id: "${view.id}") { id } }`;
  expect((await shared.ask(node, {}, bob)).body.data.node).toBeNull();
  expect((await remove(view.id, admin)).errors[0].code).toBe('NOT_FOUND');
  const change = { viewId: view.id, name: 'Ours', address: '/models?tag=ours', shared: true };
  expect((await save(change, bob)).errors[0].code).toBe('NOT_FOUND');

  expect((await save(change, ann)).view).toMatchObject({
    id: view.id,
    name: 'Ours',
    address: '/models?tag=ours',
    shared: true,
  });
  expect(await seenBy(bob)).toEqual(['Ours']);
  expect((await shared.ask(node, {}, bob)).body.data.node).toEqual({ id: view.id });
  for (const refused of [await save(change, bob), await remove(view.id, bob)])
    expect(refused.errors[0]).toMatchObject({ code: 'FORBIDDEN', field: ['viewId'] });
  expect((await remove(view.id, admin)).view.name).toBe('Ours');
  expect(await seenBy(ann)).toEqual([]);
});

test.each([
  'https://elsewhere.example/',
  '//elsewhere.example/',
  '/\\elsewhere.example/',
  'models',
  'javascript:alert(1)',
  '/models\n',
  `/models?x=${'x'.repeat(2_000)}`,
  '',
])('an address that leads elsewhere is refused: %j', async (address) => {
  const { errors } = await save({ name: 'x', address }, ann);
  expect(errors[0]).toMatchObject({ code: 'BAD_USER_INPUT', field: ['address'] });
});
