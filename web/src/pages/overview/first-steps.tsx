import type { ReactElement } from "react";
import { CopyButton } from "../../parts/copy-button.tsx";

const STEPS = [
  { title: "Register what may run", code: "export const jobs = defineJobs({ mail });" },
  {
    title: "Start a server",
    code: "const server = new BackgroundJobServer({ storage, jobs });\nawait server.started;",
  },
  {
    title: "Call it later",
    code: 'const client = new BackgroundJobClient({ storage, jobs });\nawait client.enqueue((j) => j.mail.welcome("user@example.com"));',
  },
] as const;

/** Nothing was ever stored here: three steps until something is. */
export function FirstSteps(): ReactElement {
  return (
    <section className="mx-auto max-w-2xl py-6">
      <h2 className="text-lg font-semibold">Nothing has run here yet</h2>
      <p className="mb-6 text-muted">
        The storage answers and is empty. This page moves by itself as soon as a server or a job is there.
      </p>
      <ol className="flex flex-col gap-4">
        {STEPS.map(({ title, code }, at) => (
          <li key={title} className="card p-4">
            <div className="mb-2 flex items-center gap-3">
              <span
                aria-hidden="true"
                className="grid size-6 place-items-center rounded-full bg-accent-wash text-xs font-semibold text-accent"
              >
                {at + 1}
              </span>
              <h3 className="flex-1 font-semibold">{title}</h3>
              <CopyButton text={code} label="Copy the code" />
            </div>
            <pre className="job-text rounded-md bg-sunken p-3">{code}</pre>
          </li>
        ))}
      </ol>
    </section>
  );
}
