import { randomUUID } from 'node:crypto';
import { ApiError, invalidArgument, notFound } from './api-error.ts';
import { checkJob } from './check-job.ts';
import type { Clock } from './clock.ts';
import type { JobRunner } from './job-runner.ts';
import { completeJob, Job, MUTABLE_FIELDS } from './job.ts';
import { checkLocation } from './locations.ts';
import { page, PAGE_PARAMETERS } from './page.ts';
import { parseBody } from './parse-body.ts';
import { checkProject } from './projects.ts';
import { route, type Route } from './router.ts';
import type { Collection } from './store.ts';
import { applyMask } from './update-mask.ts';

const PARENT = 'projects/{project}/locations/{location}/jobs';
const ONE = `${PARENT}/{job}` as const;
const JOB_ID = /^[A-Za-z0-9_-]{1,500}$/;

interface JobPlace {
  readonly project: string;
  readonly location: string;
  readonly job: string;
}

/** Cloud Scheduler v1; and `POST /emulator/v1/jobs/<full name>:fire`, which is what the schedule does. */
export function jobRoutes(jobs: Collection<Job>, clock: Clock, runner: JobRunner): Route[] {
  const find = (place: JobPlace) => {
    const job = jobs.get(nameOf(place));
    if (job === undefined) throw notFound('Job not found.');
    return job;
  };
  const store = (job: Job) => {
    jobs.set(job.name ?? '', job);
    return completeJob(job);
  };
  return [
    route('POST', `emulator/v1/jobs/${ONE}:fire`, async ({ params }) => {
      if (find(params).state === 'PAUSED') {
        throw new ApiError('ABORTED', 'The job is paused: its schedule starts no run.');
      }
      return runner.run(nameOf(params));
    }),
    route('POST', `v1/${ONE}:run`, ({ params }) => {
      const job = find(params);
      runner.start(nameOf(params));
      return completeJob(job);
    }),
    route('POST', `v1/${ONE}:pause`, ({ params }) => store({ ...find(params), state: 'PAUSED' })),
    route('POST', `v1/${ONE}:resume`, ({ params }) => store({ ...find(params), state: 'ENABLED' })),
    route('POST', `v1/${PARENT}`, ({ params, body }) => {
      checkProject(params.project);
      checkLocation(params.location, { multiRegions: false });
      const job = writable(parseBody(Job, body, 'job'));
      const name = checkName(job.name ?? nameOf({ ...params, job: randomUUID() }), params);
      checkJob(job);
      if (jobs.get(name) !== undefined) {
        throw new ApiError('ALREADY_EXISTS', `Job ${name} already exists.`);
      }
      return store({ ...job, name, state: 'ENABLED', userUpdateTime: clock.timestamp() });
    }),
    route(
      'GET',
      `v1/${PARENT}`,
      ({ params, query }) => {
        const prefix = nameOf({ ...params, job: '' });
        const found = jobs.entries().filter(([name]) => name.startsWith(prefix));
        const { items, nextPageToken } = page(found, query, 500);
        return {
          jobs: items.map(([, job]) => completeJob(job)),
          ...(nextPageToken !== undefined && { nextPageToken }),
        };
      },
      PAGE_PARAMETERS,
    ),
    route('GET', `v1/${ONE}`, ({ params }) => completeJob(find(params))),
    route(
      'PATCH',
      `v1/${ONE}`,
      ({ params, query, body }) => {
        const stored = find(params);
        const changes = writable(parseBody(Job, body, 'job'));
        if (changes.name !== undefined) checkName(changes.name, params, params.job);
        // Without a mask, the whole job is replaced: the official plug-in sends none.
        const mask = query.get('updateMask') ?? '*';
        const job = applyMask(stored, changes, mask, MUTABLE_FIELDS);
        checkJob(job);
        return store({ ...job, userUpdateTime: clock.timestamp() });
      },
      ['updateMask'],
    ),
    route('DELETE', `v1/${ONE}`, ({ params }) => {
      find(params);
      jobs.delete(nameOf(params));
      return {};
    }),
  ];
}

function nameOf({ project, location, job }: JobPlace): string {
  return `projects/${project}/locations/${location}/jobs/${job}`;
}

/** Without the fields that only the service writes. */
function writable(job: Job): Job {
  return applyMask<Job>({}, job, '*', ['name', ...MUTABLE_FIELDS]);
}

/** The name, if it is one of a job at this place; with `id`, of this one. */
function checkName(name: string, parent: Omit<JobPlace, 'job'>, id?: string): string {
  const found = name.split('/').at(-1) ?? '';
  if (name !== nameOf({ ...parent, job: id ?? found })) {
    throw invalidArgument(
      'Job name must be formatted: "projects/<PROJECT_ID>/locations/<LOCATION_ID>/jobs/<JOB_ID>", ' +
        `as in the request; it is "${name}".`,
    );
  }
  if (JOB_ID.test(found)) return name;
  throw invalidArgument(
    `Invalid job id "${found}": 1 to 500 letters, digits, hyphens and underscores.`,
  );
}
