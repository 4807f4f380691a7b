import { type ChildrenQuery, MOST_CHILDREN } from "../../storage/index.ts";
import { KEYS } from "./keys.ts";
import { toList, toText } from "./reply.ts";
import { lua, Script, type Verb } from "./script.ts";

const CHILDREN = new Script(
  KEYS,
  lua`return redis.call('ZRANGEBYLEX', childrenKey(ARGV[1]), ARGV[3] and '(' .. ARGV[3] or '-', '+', 'LIMIT', 0, ARGV[2])`,
);

export const children: Verb<ChildrenQuery, string[]> = {
  doing: "list children",
  script: CHILDREN,
  kind: "read",
  args: ({ parent, limit, after }) => [
    parent,
    Math.max(0, Math.min(limit, MOST_CHILDREN)),
    ...(after === undefined ? [] : [after]),
  ],
  answer: (reply) => toList(reply).map(toText),
};
