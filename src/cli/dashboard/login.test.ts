import { describe, expect, it } from "vitest";
import { isLoopback, type Login, provenUser } from "./login.ts";

const ANYBODY: Login = { user: undefined, password: "p:ä ß" };
const encoded = (text: string) => Buffer.from(text).toString("base64");
const basic = (text: string) => `Basic ${encoded(text)}`;

describe("a header of HTTP Basic", () => {
  it.each([
    [basic("ada:p:ä ß"), "ada"],
    [`basic  ${encoded("ada:p:ä ß")} `, "ada"],
    [basic(":p:ä ß"), ""],
  ])("%s proves a user", (header, user) => {
    expect(provenUser(header, ANYBODY)).toBe(user);
  });

  it.each([
    null,
    "",
    "Basic",
    "Basic !",
    basic("p:ä ß"),
    basic("ada:"),
    basic("ada:p:ä ß "),
    basic("ada:P:ä ß"),
    `Bearer ${encoded("ada:p:ä ß")}`,
    `${basic("ada:p:ä ß")}, ${basic("ada:p:ä ß")}`,
  ])("%j proves nothing", (header) => {
    expect(provenUser(header, ANYBODY)).toBeUndefined();
  });

  it("that has no colon is not its own password", () => {
    expect(provenUser(basic("word"), { user: undefined, password: "word" })).toBeUndefined();
  });

  it("proves one user where one is named", () => {
    const login: Login = { user: "ada", password: "word" };
    expect(provenUser(basic("ada:word"), login)).toBe("ada");
    expect(provenUser(basic("eve:word"), login)).toBeUndefined();
    expect(provenUser(basic("ada:word "), login)).toBeUndefined();
  });
});

it.each([
  ["127.0.0.1", true],
  ["127.1.2.3", true],
  ["::1", true],
  ["localhost", true],
  ["127.0.0.1.example.com", false],
  ["0.0.0.0", false],
  ["::", false],
  ["10.0.0.1", false],
  ["", false],
])("%j is this machine alone: %s", (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
