import { z } from 'zod';
import { invalidArgument } from './api-error.ts';
import { checkProject } from './projects.ts';

/** google.iam.admin.v1.Role, as a request holds it. */
export const RoleBody = z.strictObject({
  name: z.string().optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  includedPermissions: z.array(z.string()).optional(),
  stage: z.enum(['ALPHA', 'BETA', 'GA', 'DEPRECATED', 'DISABLED', 'EAP']).optional(),
  etag: z.string().optional(),
  deleted: z.boolean().optional(),
});

/** A custom role as it is stored; its name is the key. */
export const Role = RoleBody.extend({ name: z.string() });
export type Role = z.infer<typeof Role>;

/** google.iam.admin.v1.CreateRoleRequest. */
export const CreateRequest = z.strictObject({
  roleId: z.string().optional(),
  role: RoleBody.optional(),
});
type CreateRequest = z.infer<typeof CreateRequest>;

const ROLE_ID = /^[A-Za-z0-9_.]{3,64}$/;
const PERMISSION = /^[a-z][A-Za-z0-9]*(?:\.[A-Za-z0-9]+){2,}$/;
const LONGEST_TITLE = 100;
const LONGEST_DESCRIPTION = 300;

/** A new role; INVALID_ARGUMENT for what IAM would not take. */
export function createRole(project: string, { roleId = '', role = {} }: CreateRequest): Role {
  checkProject(project);
  if (!ROLE_ID.test(roleId)) {
    throw invalidArgument(
      `The role id "${roleId}" is invalid: 3 to 64 letters, digits, underscores and periods.`,
    );
  }
  checkRole(role);
  const { title, description, includedPermissions, stage = 'ALPHA' } = role;
  return {
    name: `projects/${project}/roles/${roleId}`,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(includedPermissions !== undefined && { includedPermissions }),
    stage,
  };
}

/** Refuses permissions that can't be, and texts that are too long. */
export function checkRole({
  title = '',
  description = '',
  includedPermissions = [],
}: z.infer<typeof RoleBody>): void {
  const odd = includedPermissions.find((permission) => !PERMISSION.test(permission));
  if (odd !== undefined) throw invalidArgument(`Permission ${odd} is not valid.`);
  if (title.length > LONGEST_TITLE || description.length > LONGEST_DESCRIPTION) {
    throw invalidArgument(
      `A title has at most ${LONGEST_TITLE} characters, a description ${LONGEST_DESCRIPTION}.`,
    );
  }
}
