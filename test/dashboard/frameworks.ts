import "reflect-metadata";
import { createServer, type Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { ExpressAdapter, type NestExpressApplication } from "@nestjs/platform-express";
import express from "express";
import fastify from "fastify";
import {
  type Dashboard,
  toExpressHandler,
  toFastifyPlugin,
  toHonoHandler,
  toKoaMiddleware,
  toNextHandlers,
  toNodeHandler,
} from "firelater/dashboard";
import { Hono } from "hono";
import Koa from "koa";
import bodyParser from "koa-bodyparser";
import { toFetchRequest } from "../../src/dashboard/bridges/node-request.ts";
import { sendResponse } from "../../src/dashboard/bridges/node-response.ts";

/** An application of a framework with the dashboard at a path, and one page of its own at `/own`. */
export type Mount = (dashboard: Dashboard, path: string) => Promise<Server>;

const OWN = "the application's own page";

/** As people write it in each framework; body parsers stand before the dashboard where the framework has such. */
export const FRAMEWORKS: Readonly<Record<string, Mount>> = {
  "node:http": async (dashboard, path) => {
    const handle = toNodeHandler(dashboard, { basePath: path });
    return createServer((request, response) => {
      if (request.url === "/own") response.end(OWN);
      else void handle(request, response);
    });
  },

  Express: async (dashboard, path) => {
    const app = express().use(express.json());
    app.get("/own", (_, response) => void response.send(OWN));
    app.use(path === "" ? "/" : path, toExpressHandler(dashboard));
    return createServer(app);
  },

  "Express, a router within a router": async (dashboard, path) => {
    const [first = "", ...others] = path.split("/").filter((segment) => segment !== "");
    const inner = express.Router().use(`/${others.join("/")}`, toExpressHandler(dashboard));
    const app = express().use(express.json());
    app.get("/own", (_, response) => void response.send(OWN));
    return createServer(app.use(`/${first}`, inner));
  },

  Fastify: async (dashboard, path) => {
    const app = fastify();
    app.get("/own", async () => OWN);
    await app.register(toFastifyPlugin(dashboard), { prefix: path });
    await app.ready();
    return app.server;
  },

  Koa: async (dashboard, path) => {
    const app = new Koa();
    app.use(bodyParser());
    app.use(async (context, next) => {
      if (context.path === "/own") context.body = OWN;
      else await next();
    });
    app.use(toKoaMiddleware(dashboard, { basePath: path }));
    return createServer(app.callback());
  },

  Nest: async (dashboard, path) => {
    class AppModule {}
    Module({})(AppModule);
    const adapter = new ExpressAdapter();
    const app = await NestFactory.create<NestExpressApplication>(AppModule, adapter, { logger: false });
    app.use(express.json());
    app.use("/own", (_: unknown, response: express.Response) => void response.send(OWN));
    app.use(path === "" ? "/" : path, toExpressHandler(dashboard));
    await app.init();
    return app.getHttpServer();
  },

  Hono: async (dashboard, path) => {
    const app = new Hono();
    app.get("/own", (context) => context.text(OWN));
    app.all(`${path}/*`, toHonoHandler(dashboard));
    return asServer(createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }));
  },

  // Its App Router hands each method of a catch-all route a request of Fetch, and no socket.
  "Next (its handlers, called as it calls them)": async (dashboard, path) => {
    const handlers = new Map(Object.entries(toNextHandlers(dashboard, { basePath: path })));
    return createServer(async (request, response) => {
      const handler = handlers.get(request.method ?? "");
      if (request.url === "/own") response.end(OWN);
      else if (handler === undefined) response.writeHead(405).end();
      else await sendResponse(await handler(toFetchRequest(request, {})), response);
    });
  },
};

function asServer(server: unknown): Server {
  if (server instanceof Object && "listen" in server && "closeAllConnections" in server)
    return server as Server;
  throw new TypeError("the adapter has made no server of node:http");
}
