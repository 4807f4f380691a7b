import { Program } from "../docs/program.ts";

/** Starts the demo in a folder, as `npm run demo` does. */
export function startDemo(folder: string, ...args: string[]): Program {
  return new Program("examples/demo/main.ts", folder, args);
}

/** Runs the demo to its end. */
export async function runDemo(
  folder: string,
  ...args: string[]
): Promise<{ end: number | string; output: string }> {
  const demo = startDemo(folder, ...args);
  const end = await demo.end();
  return { end, output: demo.output };
}
