/** The module that each thread of the heavy server loads. */
import { defineJobs } from "firelater";
import * as heavy from "./chain.ts";

export const jobs = defineJobs({ heavy });
