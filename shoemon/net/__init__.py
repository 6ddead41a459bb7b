"""One guarded conversation over the network: in bounded time and space, past proxies, never to link-local addresses."""
