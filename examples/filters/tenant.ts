import { AsyncLocalStorage } from "node:async_hooks";
import type { JobFilter } from "firelater";

const tenants = new AsyncLocalStorage<string>();

/** Runs code for a tenant: around a request, for example. */
export function asTenant<T>(tenant: string, code: () => T): T {
  return tenants.run(tenant, code);
}

export function currentTenant(): string | undefined {
  return tenants.getStore();
}

/** Carries the tenant from where a job is enqueued to where it runs, however much later that is. */
export const tenantContext: JobFilter = {
  name: "tenant context",
  order: -10, // outside all others, so that they know the tenant, too

  onCreating({ job }) {
    const tenant = currentTenant();
    if (tenant !== undefined) job.parameters.set("tenant", tenant);
  },

  aroundPerform({ job }, next) {
    const tenant = job.parameters.get("tenant");
    return typeof tenant === "string" ? tenants.run(tenant, next) : next();
  },
};
