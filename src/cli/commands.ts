import type { Command } from "./command.ts";
import { dashboardCommand } from "./dashboard/dashboard-command.ts";

/** Every command there is, in the order of the help. */
export const COMMANDS: readonly Command[] = [dashboardCommand];
