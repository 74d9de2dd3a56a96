import { z } from 'zod';
import { textUpTo } from './field-types.ts';
import { openResources, type Resources, type World } from './resources.ts';

const PERMISSION = /^[a-z][A-Za-z0-9]*(?:\.[A-Za-z0-9]+){2,}$/;

/** google.iam.admin.v1.Role. */
const Role = z
  .strictObject({
    name: z.string(),
    title: textUpTo(100),
    description: textUpTo(300),
    includedPermissions: z.array(z.string().regex(PERMISSION, 'service.resource.verb')),
    stage: z.enum(['ALPHA', 'BETA', 'GA', 'DEPRECATED', 'DISABLED', 'EAP']),
    etag: z.string(),
    deleted: z.boolean(),
  })
  .partial();
export type Role = z.infer<typeof Role>;

/** The projects' custom roles. A deleted one can still be read, and be undeleted. */
export function openRoles(world: World): Resources<Role> {
  return openResources<Role>(
    {
      collection: 'projects/{project}/roles',
      parameter: 'role',
      file: 'roles',
      message: Role,
      field: 'role',
      pageSize: 300,
      mutable: ['title', 'description', 'includedPermissions', 'stage'],
      initial: ({ stage = 'ALPHA' }) => ({ stage }),
      id: {
        pattern: /^[A-Za-z0-9_.]{3,64}$/,
        rule: '3 to 64 letters, digits, underscores and periods',
      },
      createRequest: z
        .strictObject({ roleId: z.string().optional(), role: Role.optional() })
        .transform(({ roleId: id, role: message = {} }) => ({ id, message })),
      hasEtag: true,
      softDelete: { deleted: { deleted: true }, undeleted: { deleted: undefined } },
    },
    world,
  );
}
