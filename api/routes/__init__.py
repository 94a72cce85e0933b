"""The operations of the API, one module for each kind of thing. A module has a `router`; nothing lists them."""
