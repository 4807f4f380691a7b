import { Agent, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Figures } from "./benchmark.ts";
import { latencyFigures } from "./pick-up.ts";
import { Rhythm } from "./rhythm.ts";

const PER_SECOND = 200;

/** Sends requests at a steady rate, answered or not, and gives the times of those after the warm-up. */
export async function requestFor(socketPath: string, warmUpMs: number, measuredMs: number): Promise<Figures> {
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  const times: number[] = [];
  const from = performance.now() + warmUpMs;
  const rhythm = new Rhythm(PER_SECOND, () => {
    const sent = performance.now();
    send(agent, socketPath, () => {
      if (sent >= from) times.push(performance.now() - sent);
    });
  });
  await delay(warmUpMs + measuredMs);
  rhythm.stop();
  await delay(100);
  agent.destroy();
  const figures = latencyFigures(times);
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [`request ${name}`, value]));
}

function send(agent: Agent, socketPath: string, answered: () => void): void {
  const sent = request({ socketPath, agent, path: "/" }, (response) => {
    response.resume();
    response.on("end", answered);
  });
  // Ended with the agent: a request that was still open then has no time.
  sent.on("error", () => {});
  sent.end();
}
