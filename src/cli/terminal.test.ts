import { expect, it } from "vitest";
import { Terminal } from "./terminal.ts";

function listening() {
  const heard: string[] = [];
  const hear = (text: string) => void heard.push(text);
  return { terminal: new Terminal({ env: { EMPTY: "" }, out: hear, err: hear }), heard };
}

it("conceals what it was told, plain and as it stands in a URL, wherever it is written", () => {
  const { terminal, heard } = listening();
  terminal.conceal("p@ss word");
  terminal.say("it is p@ss word");
  terminal.complain("it is p%40ss%20word");
  terminal.logger.error("it failed", new Error("password p@ss word was refused"));
  expect(heard.join("")).not.toMatch(/p@ss|p%40ss/);
  expect(heard.join("")).toContain("it is ***\n");
});

it("masks passwords in addresses that nobody has named", () => {
  const { terminal, heard } = listening();
  terminal.complain("cannot reach postgres://ada:secret@host/db?password=other");
  expect(heard).toEqual(["cannot reach postgres://ada:***@host/db?password=***\n"]);
});

it("does not tear harmless words apart", () => {
  const { terminal, heard } = listening();
  terminal.conceal("127");
  terminal.conceal("firelater");
  terminal.conceal("staging", "postgres://ada@staging/db");
  terminal.say("firelater: http://127.0.0.1 of staging");
  expect(heard).toEqual(["firelater: http://127.0.0.1 of staging\n"]);
});

it("tells a variable that is empty from one that is not set", () => {
  const { terminal } = listening();
  expect([terminal.variable("EMPTY"), terminal.variable("NONE")]).toEqual(["", undefined]);
});
