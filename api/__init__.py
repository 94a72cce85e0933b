"""HTTP: routes, security and errors. The only user of FastAPI; it serves the pages too."""
