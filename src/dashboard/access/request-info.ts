/** What an adapter knows of a request that the request itself does not say. */
export interface RequestInfo {
  /** The address of the other end of the socket. Without it nothing is local. */
  readonly remoteAddress?: string | undefined;
  /** `"1.1"`. Without `authorize` one that says `"1.0"` is not local: no browser speaks it, proxies that add nothing do. */
  readonly httpVersion?: string | undefined;
  /** Where the adapter has mounted the dashboard: `/admin/jobs`. */
  readonly basePath?: string | undefined;
}
