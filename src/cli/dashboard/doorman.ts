import { quietConsole } from "../../base/logger.ts";
import type { Authorize } from "../../dashboard/access/gate.ts";
import { isLocal } from "../../dashboard/access/is-local.ts";
import { tellProblem } from "../../dashboard/http/app.ts";
import { placeOf } from "../../dashboard/http/base-path.ts";
import { Problem } from "../../dashboard/http/problem.ts";
import { type Login, PASSWORD_VARIABLE, provenUser } from "./login.ts";

const CHALLENGE = 'Basic realm="Firelater", charset="UTF-8"';

/** Lets in who knows the password, from wherever; without one, browsers on this machine. */
export function doorman(login: Login | undefined, basePath: string): Authorize {
  const refuse = (request: Request, problem: Problem): Response => {
    const place = placeOf(new URL(request.url).pathname, {
      option: basePath,
      mounted: undefined,
      forwarded: undefined,
    });
    return tellProblem(problem, { logger: quietConsole }, request, place);
  };
  return (request, info) => {
    if (login === undefined) return isLocal(request, info) || refuse(request, onlyHere());
    const user = provenUser(request.headers.get("authorization"), login);
    if (user !== undefined) return user === "" ? true : { name: user };
    const response = refuse(request, unproven());
    response.headers.set("www-authenticate", CHALLENGE);
    return response;
  };
}

function onlyHere(): Problem {
  return new Problem(403, {
    code: "FL_DASHBOARD_CLOSED",
    what: "This dashboard is open only to browsers on its own machine, at http://localhost.",
    why: "It was started without a password, or a proxy stands before it.",
    mend: `Start it with ${PASSWORD_VARIABLE} set.`,
  });
}

function unproven(): Problem {
  return new Problem(401, {
    code: "FL_DASHBOARD_PASSWORD",
    what: "This dashboard asks for a user and a password.",
    mend: `Whoever has started it knows them: they stand in its environment, as ${PASSWORD_VARIABLE}.`,
  });
}
