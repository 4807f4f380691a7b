import { STORAGES } from "../lifecycle/workbench.ts";
import { describeEveryRoute } from "./every-route.ts";

for (const [name, open] of STORAGES) describeEveryRoute(name, open);
