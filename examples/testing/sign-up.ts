import { type BackgroundJobClient, defineJobs } from "firelater";
import * as mail from "./mail.ts";

export const jobs = defineJobs(
  { mail },
  { mail: { welcome: { queue: "critical", retry: { delays: ["10s", "1m"], retries: 2 } } } },
);

/** The code under test: it is given a client, and knows nothing of tests. */
export async function signUp(client: BackgroundJobClient<typeof jobs>, email: string): Promise<string> {
  const welcomed = await client.enqueue((j) => j.mail.welcome(email));
  await client.delay((j) => j.mail.remind(email), "3d");
  return welcomed;
}
