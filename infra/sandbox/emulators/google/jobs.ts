import { ApiError, invalidArgument } from './api-error.ts';
import { checkJob, completeJob, Job } from './job.ts';
import { createJobRunner } from './job-runner.ts';
import { checkLocation } from './projects.ts';
import { openResources, type World } from './resources.ts';
import { route } from './router.ts';

const COLLECTION = 'projects/{project}/locations/{location}/jobs';
const ONE = `${COLLECTION}/{job}`;

/** Cloud Scheduler v1; and `POST /emulator/v1/jobs/<full name>:fire`, which does what the schedule does. */
export function openJobs(world: World) {
  const jobs = openResources<Job>(
    {
      collection: COLLECTION,
      parameter: 'job',
      file: 'jobs',
      message: Job,
      field: 'job',
      mutable: [
        'description',
        'schedule',
        'timeZone',
        'httpTarget',
        'retryConfig',
        'attemptDeadline',
      ],
      // The official plug-in sends no mask, and means the whole job.
      defaultMask: '*',
      initial: (_, __, userUpdateTime) => ({ state: 'ENABLED', userUpdateTime }),
      patched: (userUpdateTime) => ({ userUpdateTime }),
      check: checkJob,
      id: {
        pattern: /^[A-Za-z0-9_-]{1,500}$/,
        rule: '1 to 500 letters, digits, hyphens and underscores',
      },
      idOf({ name = '' }, collection) {
        if (name.startsWith(`${collection}/`)) return name.slice(collection.length + 1);
        throw invalidArgument(
          'Job name must be formatted: "projects/<PROJECT_ID>/locations/<LOCATION_ID>/jobs/<JOB_ID>", ' +
            `as in the request; it is "${name}".`,
        );
      },
      checkNew(name) {
        checkLocation(name, { multiRegions: false });
      },
      view: (name, job) => completeJob({ ...job, name }),
    },
    world,
  );
  const runner = createJobRunner(jobs, () => world.clock.timestamp());
  const verbs = [
    route('POST', `emulator/v1/jobs/${ONE}:fire`, ({ name: path }) => {
      const name = path.slice(path.indexOf('projects/'));
      if (jobs.find(name).state !== 'PAUSED') return runner.run(name);
      throw new ApiError('ABORTED', 'The job is paused: its schedule starts no run.');
    }),
    route('POST', `v1/${ONE}:pause`, ({ name }) => jobs.update(name, { state: 'PAUSED' })),
    route('POST', `v1/${ONE}:resume`, ({ name }) => jobs.update(name, { state: 'ENABLED' })),
  ];
  return { routes: [...verbs, ...jobs.routes], runner };
}
