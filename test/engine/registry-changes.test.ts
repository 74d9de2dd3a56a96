import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ALL_SETTINGS,
  JOB,
  REPOSITORY,
  startDeclaredRegistry,
  WRITER,
  type DeclaredRegistry,
} from '../support/declared-registry.ts';
import { previewedSteps } from '../support/engine-output.ts';
import { up } from '../support/test-checkout.ts';

const AT_MIDNIGHT = {
  refreshSchedule: '0 0 * * *',
  refreshTimeZone: 'Europe/Berlin',
  refreshPaused: true,
};
const READERS = ['allUsers', 'group:ci@example.com'];
const REPOSITORY_UPDATE = 'update gcp:artifactregistry/repository:Repository images';

let declared: DeclaredRegistry;

beforeAll(async () => {
  declared = await startDeclaredRegistry(['alpha']);
  const { code, output } = await declared.checkout.pulumi(...up());
  if (code !== 0) throw new Error(output);
});

afterAll(() => declared.close());

describe('a change of what is declared, step by step', () => {
  it('previews a changed window as one update of the repository', async () => {
    declared.retain({ window: '60d' });
    expect(await previewedSteps(declared.checkout)).toEqual([REPOSITORY_UPDATE]);
  });

  it('previews the end of the dry run as one update of the repository', async () => {
    declared.retain({ dryRun: false });
    expect(await previewedSteps(declared.checkout)).toEqual([REPOSITORY_UPDATE]);
    declared.retain();
  });

  it('previews another hour, time zone and a pause as one update of the job', async () => {
    declared.checkout.configure({ ...ALL_SETTINGS, ...AT_MIDNIGHT });
    expect(await previewedSteps(declared.checkout)).toEqual([
      'update gcp:cloudscheduler/job:Job refresh',
    ]);
  });

  it('previews another reader as one update of the binding', async () => {
    declared.checkout.configure({ ...ALL_SETTINGS, readers: READERS });
    expect(await previewedSteps(declared.checkout)).toEqual([
      'update gcp:artifactregistry/repositoryIamBinding:RepositoryIamBinding images-readers',
    ]);
  });

  it('does what was previewed, and finds no drift after that', async () => {
    declared.retain({ window: '60d', dryRun: false });
    declared.checkout.configure({ ...ALL_SETTINGS, ...AT_MIDNIGHT, readers: READERS });
    const { code, output } = await declared.checkout.pulumi(...up());
    expect(output).toContain('~ 3 updated');
    expect(code).toBe(0);
    const repository = await declared.read(REPOSITORY);
    // 60 days × 86,400 seconds
    expect(repository).toHaveProperty(
      'cleanupPolicies.delete-tagged.condition.olderThan',
      '5184000s',
    );
    expect((repository as { cleanupPolicyDryRun?: boolean }).cleanupPolicyDryRun).not.toBe(true);
    expect(await declared.read(JOB)).toMatchObject({
      schedule: '0 0 * * *',
      timeZone: 'Europe/Berlin',
      state: 'PAUSED',
    });
    expect(await declared.read(`${REPOSITORY}:getIamPolicy`)).toMatchObject({
      bindings: [{ members: READERS }, { members: [WRITER] }],
    });
    const gate = await declared.checkout.pulumi('preview', '--refresh', '--expect-no-changes');
    expect(gate.output).not.toContain('error');
    expect(gate.code).toBe(0);
  });

  it('refuses to take all readers away, and takes none', async () => {
    declared.checkout.configure({ ...ALL_SETTINGS, ...AT_MIDNIGHT, readers: [] });
    for (const args of [['preview'], up()]) {
      const { code, output } = await declared.checkout.pulumi(...args);
      expect(output).toMatch(/images-readers" cannot be deleted\s+because it is protected/);
      expect(code).not.toBe(0);
    }
    expect(await declared.read(`${REPOSITORY}:getIamPolicy`)).toMatchObject({
      bindings: [{ members: READERS }, { members: [WRITER] }],
    });
  });
});
