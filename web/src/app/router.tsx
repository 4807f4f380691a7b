import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { Empty, Failure } from "../parts/notice.tsx";
import { Skeleton } from "../parts/pending.tsx";
import { parseSearch, pick, writeSearch } from "./search-params.ts";
import { Shell } from "./shell.tsx";

const root = createRootRoute({
  component: Shell,
  notFoundComponent: () => (
    <Empty icon="search" title="There is no such page">
      The address may be of another version. Press <kbd>g</kbd> then <kbd>o</kbd> for the overview.
    </Empty>
  ),
});

const overviewRoute = createRoute({
  ...{ getParentRoute: () => root, path: "/" },
  validateSearch: pick(["range", "from", "to"]),
  component: lazyRouteComponent(() => import("../pages/overview/overview-page.tsx"), "OverviewPage"),
});

const jobsRoute = createRoute({
  ...{ getParentRoute: () => root, path: "/jobs" },
  validateSearch: pick([
    "state",
    "name",
    "queue",
    "tag",
    "args",
    "path",
    "error",
    "since",
    "before",
    "columns",
    "open",
  ]),
  component: lazyRouteComponent(() => import("../pages/jobs/jobs-page.tsx"), "JobsPage"),
});

const jobRoute = createRoute({
  ...{ getParentRoute: () => root, path: "/jobs/$id" },
  component: lazyRouteComponent(() => import("../pages/job/job-page.tsx"), "JobPage"),
});

const errorsRoute = createRoute({
  ...{ getParentRoute: () => root, path: "/errors" },
  validateSearch: pick(["search", "open"]),
  component: lazyRouteComponent(() => import("../pages/errors/errors-page.tsx"), "ErrorsPage"),
});

const recurringRoute = createRoute({
  ...{ getParentRoute: () => root, path: "/recurring" },
  validateSearch: pick(["search", "state", "after"]),
  component: lazyRouteComponent(() => import("../pages/recurring/recurring-page.tsx"), "RecurringPage"),
});

const recurringJobRoute = createRoute({
  ...{ getParentRoute: () => root, path: "/recurring/$id" },
  validateSearch: pick(["edit"]),
  component: lazyRouteComponent(
    () => import("../pages/recurring/recurring-job-page.tsx"),
    "RecurringJobPage",
  ),
});

const queuesRoute = createRoute({
  ...{ getParentRoute: () => root, path: "/queues" },
  component: lazyRouteComponent(() => import("../pages/queues/queues-page.tsx"), "QueuesPage"),
});

const serversRoute = createRoute({
  ...{ getParentRoute: () => root, path: "/servers" },
  component: lazyRouteComponent(() => import("../pages/servers/servers-page.tsx"), "ServersPage"),
});

const operationsRoute = createRoute({
  ...{ getParentRoute: () => root, path: "/operations" },
  validateSearch: pick(["tab", "by", "action", "subject", "after"]),
  component: lazyRouteComponent(() => import("../pages/operations/operations-page.tsx"), "OperationsPage"),
});

const routes = [
  ...[overviewRoute, jobsRoute, jobRoute, errorsRoute, recurringRoute, recurringJobRoute],
  ...[queuesRoute, serversRoute, operationsRoute],
] as const;

export const router = createRouter({
  routeTree: root.addChildren(routes),
  basepath: new URL(document.baseURI).pathname,
  parseSearch,
  stringifySearch: writeSearch,
  defaultPreload: "intent",
  defaultPendingComponent: () => <Skeleton />,
  defaultErrorComponent: ({ error }) => (
    <Failure
      error={error instanceof Error ? error : new Error(String(error))}
      retry={() => location.reload()}
    />
  ),
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
