import { isRecord } from "../../job/options.ts";
import { invalid, Problem } from "./problem.ts";

export const BODY_BYTES = 1_048_576;

/** The JSON object of a request, at most `BODY_BYTES` of it. */
export async function readBody(request: Request): Promise<ReadonlyMap<string, unknown>> {
  refuseOtherContent(request);
  const text = new TextDecoder("utf-8", { fatal: false }).decode(await readBytes(request));
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw invalid("The body is no JSON.", "Send a JSON object, {} where there is nothing to say.");
  }
  if (!isRecord(body) || Array.isArray(body))
    throw invalid("The body is no JSON object.", "Send one, {} where there is nothing to say.");
  return new Map(Object.entries(body));
}

/** Forms of other sites can send anything but this without being asked first. */
function refuseOtherContent(request: Request): void {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type === "application/json") return;
  throw new Problem(415, {
    code: "FL_DASHBOARD_BODY",
    what: "The body is not declared as JSON.",
    mend: "Send it with content-type: application/json.",
  });
}

async function readBytes(request: Request): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > BODY_BYTES) throw tooLarge();
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop cancels the stream: nothing more of a large body is taken in.
  for await (const chunk of request.body) {
    bytes += chunk.byteLength;
    if (bytes > BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(): Problem {
  return new Problem(413, {
    code: "FL_DASHBOARD_BODY",
    what: `The body is larger than ${BODY_BYTES} bytes.`,
    mend: "Send less at once.",
  });
}
