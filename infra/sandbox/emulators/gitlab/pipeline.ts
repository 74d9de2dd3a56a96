import { z } from 'zod';

/** A pipeline that was started, as GitLab describes one (Pipelines API), in what counts here. */
export const Pipeline = z.object({
  id: z.number(),
  project_id: z.number(),
  /** The branch. */
  ref: z.string(),
  /** The commit that it ran on: that of the branch when it was created. */
  sha: z.string(),
  source: z.literal('trigger'),
  status: z.enum(['created', 'running', 'success', 'failed', 'canceled']),
  /** ISO 8601. */
  created_at: z.string(),
  updated_at: z.string(),
  /** Where its log is shown. */
  web_url: z.string(),
});
export type Pipeline = z.infer<typeof Pipeline>;

/** The one project there is. */
export const PROJECT_ID = 1;
