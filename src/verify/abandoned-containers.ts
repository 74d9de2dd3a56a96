import { z } from 'zod';
import { parseJson } from '../json.ts';
import type { DockerApi } from './docker-api.ts';
import type { Docker } from './docker-client.ts';
import { VerifyError } from './verify-error.ts';

/** The label of a container of this program: the seconds after its creation when no run has it any more. */
const SECONDS = 'kubernetes-ci-images.verify-seconds';

/** Longer than Docker takes to start a container and to remove it, and to answer in between. */
const MARGIN_SECONDS = 3600;

/** The label of a container that may be removed once it is older. */
export function lifetimeLabel(seconds: number): readonly [key: string, value: string] {
  return [SECONDS, String(seconds + MARGIN_SECONDS)];
}

/** A way to a Docker Engine's containers that have the label. */
interface Containers {
  readonly list: () => Promise<readonly Container[]>;
  /** Milliseconds since 1970, by the engine's clock. */
  readonly now: () => Promise<number>;
  readonly remove: (id: string) => Promise<unknown>;
}

interface Container {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly seconds: number;
}

/**
 * Removes the containers of runs that were killed: those whose time is over. Both times are the Docker Engine's, since
 * runs on other machines, with clocks of their own, may use it too.
 */
export async function removeAbandoned({ list, now: readClock, remove }: Containers): Promise<void> {
  const containers = await list();
  if (containers.length === 0) return;
  const now = await readClock();
  for (const { id, created, seconds } of containers) {
    if (!(now - created > seconds * 1000)) continue;
    await remove(id).catch((error: unknown) => {
      // Another run may be removing it, which says nothing of the image.
      if (!(error instanceof VerifyError)) throw error;
    });
  }
}

export function containersByClient(docker: Docker): Containers {
  const format = `{{.ID}} {{.Label "${SECONDS}"}} {{.CreatedAt}}`;
  return {
    async list() {
      const listing = await docker(
        'ps',
        '--all',
        '--filter',
        `label=${SECONDS}`,
        '--format',
        format,
      );
      // 0123456789ab 3660 2026-12-01 03:18:58 +0000 UTC
      const lines = [...listing.matchAll(/^(\w+) (\d+) (\S+ \S+ \S+)/gm)];
      return lines.map(([, id = '', seconds, created = '']) => ({
        id,
        created: Date.parse(created),
        seconds: Number(seconds),
      }));
    },
    now: async () => Date.parse((await docker('info', '--format', '{{.SystemTime}}')).trim()),
    remove: (id) => docker('rm', '--force', '--volumes', id),
  };
}

const Listed = z.object({
  Id: z.string(),
  /** Seconds since 1970. */
  Created: z.number(),
  Labels: z.object({ [SECONDS]: z.string().regex(/^\d+$/) }),
});
const Info = z.object({ SystemTime: z.string() });

export function containersByApi(api: DockerApi): Containers {
  const query = new URLSearchParams({ all: '1', filters: JSON.stringify({ label: [SECONDS] }) });
  return {
    async list() {
      const listed = parseJson(await api('GET', `/containers/json?${query.toString()}`));
      return z.array(z.unknown()).safeParse(listed).data?.flatMap(containerIn) ?? [];
    },
    now: async () =>
      Date.parse(Info.safeParse(parseJson(await api('GET', '/info'))).data?.SystemTime ?? ''),
    remove: (id) => api('DELETE', `/containers/${id}?force=1&v=1`),
  };
}

/** The container, or none where its time can't be read. */
function containerIn(listed: unknown): readonly Container[] {
  const { data } = Listed.safeParse(listed);
  if (data === undefined) return [];
  return [{ id: data.Id, created: data.Created * 1000, seconds: Number(data.Labels[SECONDS]) }];
}
